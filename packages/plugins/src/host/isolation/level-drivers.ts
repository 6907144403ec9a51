import type { Clock } from '@covent/core'
import type { IsolationConfig } from '../../config.ts'
import { containerDriver } from '../../drivers/container/container.ts'
import { inlineDriver } from '../../drivers/in-host/inline.ts'
import { workerDriver } from '../../drivers/in-host/worker.ts'
import { processDriver } from '../../drivers/process.ts'
import { weakProcessDriver } from '../../drivers/process-weak.ts'
import type { LevelDrivers } from './isolation.ts'

/** The driver of each level; none of them does anything before it is asked to. */
export const levelDrivers = (settings: IsolationConfig, clock: Clock): LevelDrivers => ({
  inline: inlineDriver(clock),
  worker: workerDriver(clock),
  'process-weak': weakProcessDriver(settings, clock),
  process: processDriver(settings, clock),
  container: containerDriver({ level: 'container', settings: settings.container }, clock),
  vm: containerDriver({ level: 'vm', settings: settings.container }, clock),
})
