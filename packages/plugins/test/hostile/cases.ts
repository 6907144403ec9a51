import { channelCases } from './channel.ts'
import { codeCases } from './code.ts'
import { environmentCases } from './environment.ts'
import { fileCases } from './files.ts'
import type { HostileCase } from './hostile-case.ts'
import { nativeCases } from './native.ts'
import { networkCases } from './network.ts'
import { processCases } from './processes.ts'
import { resourceCases } from './resources.ts'

/** All of them. H25 to H31 are about the way out, which is the server's: they stand in apps/server/test/network. */
export const cases: readonly HostileCase[] = [
  ...fileCases,
  ...environmentCases,
  ...networkCases,
  ...codeCases,
  ...processCases,
  ...channelCases,
  ...resourceCases,
  ...nativeCases,
].toSorted((a, b) => a.id.localeCompare(b.id))
