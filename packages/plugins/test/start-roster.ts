import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, type EventMap, newId, noAudit, noMetrics, silentLogger, systemClock } from '@covent/core'
import { temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'
import { isolationConfig, pluginsConfig } from '../src/config.ts'
import { pluginChannels } from '../src/host/channels/plugin-channels.ts'
import { workerDriver } from '../src/drivers/in-host/worker.ts'
import { pluginBroker } from '../src/host/broker/broker.ts'
import { type Isolation, isolation } from '../src/host/isolation/isolation.ts'
import { levelDrivers } from '../src/host/isolation/level-drivers.ts'
import { pluginWatches } from '../src/host/monitor/plugin-monitor.ts'
import { pluginRoster } from '../src/host/plugin-roster.ts'
import type { RosterEntry } from '../src/host/registry/packaged-plugins.ts'
import { memoryKeyValues } from '../src/testing/memory-key-values.ts'
import { recordingBus } from './start-host.ts'

export type Recorded = { readonly type: string; readonly payload: EventMap[keyof EventMap] }

const sandboxes = isolationConfig.parse({})

const inSandboxes = (clock: Clock): Isolation =>
  isolation({ drivers: levelDrivers(sandboxes, clock), settings: sandboxes, logger: silentLogger })

/** Threads instead of sandboxes, which start faster: for tests of what does not depend on the wall. */
export const inThreads = (clock: Clock): Isolation => ({
  ...inSandboxes(clock),
  levelFor: async () => 'process',
  open: async (_, spec) => ({ sandbox: await workerDriver(clock).spawn(spec), level: 'process' }),
})

/** The roster of a server, and plugins that are put into it as files. */
export const startRoster = async (settings: object = {}, isolate = inSandboxes) => {
  const home = temporaryFolder()
  const config = pluginsConfig.parse({ allowUnsigned: true, ...settings })
  const events: Recorded[] = []
  const bus = recordingBus(events)
  const clock = systemClock
  const keyValues = memoryKeyValues()
  const passed = { clock, events: bus, audit: noAudit, metrics: noMetrics }
  const shared = {
    config,
    clock,
    events: bus,
    audit: noAudit,
    cache: join(home, 'stripped'),
    broker: pluginBroker({ ...passed, keyValues, settings: config }),
    isolation: isolate(clock),
    random: () => 0,
    channels: pluginChannels({ clock, logger: silentLogger, random: () => 0 }),
  }
  const logger = silentLogger
  const watchOf = pluginWatches({ logger, clock, metrics: noMetrics, events: bus })
  const installed = async () => []
  const roster = pluginRoster({ home, bundled: [], installed, logger, watchOf, shared })
  onTestFinished(() => roster.stop())
  roster.begin()
  const entry = (name: string, source: string): RosterEntry => {
    const path = join(home, `${name}.mjs`)
    writeFileSync(path, source)
    return { enabled: true, source: { name, path, trust: 'unverified' } }
  }
  const call = async (plugin: string, action: string, input: unknown = {}): Promise<unknown> => {
    const context = {
      callId: newId('call', clock.now()),
      turnId: 'turn',
      principalId: 'anna',
      character: 'x',
    }
    const { signal } = new AbortController()
    return roster.find(plugin)!.invoke({ plugin, action, input, call: context }, { signal })
  }
  return { roster, bus, events, keyValues, entry, call }
}
