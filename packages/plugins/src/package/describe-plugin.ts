import { silentLogger, systemClock } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { IsolationConfig } from '../config.ts'
import { isolation } from '../host/isolation/isolation.ts'
import { levelDrivers } from '../host/isolation/level-drivers.ts'
import { describeInSandbox } from './describe-in-sandbox.ts'

export interface DescribeOptions {
  readonly name: string
  /** The code, in one file. */
  readonly text: string
  readonly settings: IsolationConfig
}

const memoryMb = 256

/** Runs code in the sandbox of a stranger's plugin, as a server would, and resolves with its manifest. */
export const describePlugin = async ({ name, text, settings }: DescribeOptions): Promise<Manifest> => {
  const drivers = levelDrivers(settings, systemClock)
  const levels = isolation({ drivers, settings, logger: silentLogger })
  return describeInSandbox(levels, { name, text, memoryMb, logger: silentLogger })
}
