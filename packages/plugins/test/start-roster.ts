import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EventMap, newId, noAudit, noMetrics, silentLogger, systemClock } from '@covent/core'
import { temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'
import { isolationConfig, pluginsConfig } from '../src/config.ts'
import { pluginChannels } from '../src/host/channels/plugin-channels.ts'
import { pluginBroker } from '../src/host/broker/broker.ts'
import { isolation } from '../src/host/isolation/isolation.ts'
import { levelDrivers } from '../src/host/isolation/level-drivers.ts'
import { pluginWatches } from '../src/host/monitor/plugin-monitor.ts'
import { pluginRoster } from '../src/host/plugin-roster.ts'
import type { RosterEntry } from '../src/host/registry/packaged-plugins.ts'
import { memoryKeyValues } from '../src/testing/memory-key-values.ts'
import { recordingBus } from './start-host.ts'

export type Recorded = { readonly type: string; readonly payload: EventMap[keyof EventMap] }

/** The roster of a server, with real sandboxes, and plugins that are put into it as files. */
export const startRoster = async (settings: object = {}) => {
  const home = temporaryFolder()
  const config = pluginsConfig.parse({ allowUnsigned: true, ...settings })
  const sandboxes = isolationConfig.parse({})
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
    isolation: isolation({
      drivers: levelDrivers(sandboxes, clock),
      settings: sandboxes,
      logger: silentLogger,
    }),
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
