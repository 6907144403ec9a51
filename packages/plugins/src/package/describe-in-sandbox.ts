import { type Logger, PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { Isolation } from '../host/isolation/isolation.ts'
import { readManifest } from './read-manifest.ts'

export interface Described {
  /** For messages. */
  readonly name: string
  readonly text: string
  readonly memoryMb: number
  readonly logger: Logger
}

const loadTimeoutMs = 10_000

/** What code says of itself. It runs as a stranger's, with nothing granted, and is ended afterwards. */
export const describeInSandbox = async (
  isolation: Isolation,
  { name, text, memoryMb, logger }: Described,
): Promise<Manifest> => {
  const broker = (): Promise<never> =>
    Promise.reject(new PluginError('plugin.permission-denied', 'nothing is granted while it is described'))
  const spec = { name, memoryMb, permissionModel: 'on', logger, broker } as const
  const { sandbox } = await isolation.open({ trust: 'unverified' }, spec)
  try {
    const said = await sandbox.load(text, loadTimeoutMs)
    return readManifest(said, (why) => new PluginError('plugin.invalid', `${name}: ${why}`))
  } finally {
    sandbox.kill(new PluginError('plugin.unavailable', `${name} was described`))
    await sandbox.exited
  }
}
