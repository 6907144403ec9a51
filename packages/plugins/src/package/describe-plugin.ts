import { silentLogger, systemClock } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { IsolationConfig } from '../config.ts'
import { processDriver } from '../drivers/process.ts'
import { weakProcessDriver } from '../drivers/process-weak.ts'
import { isolation } from '../host/isolation.ts'
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
  const levels = isolation({
    process: processDriver(settings, systemClock),
    weak: weakProcessDriver(settings, systemClock),
    allowWeak: settings.allowWeak,
    logger: silentLogger,
  })
  return describeInSandbox(levels, { name, text, memoryMb, logger: silentLogger })
}
