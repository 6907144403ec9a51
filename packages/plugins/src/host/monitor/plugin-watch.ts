import {
  AppError,
  type Clock,
  type EventBus,
  type Logger,
  type Metrics,
  type PluginInfo,
  type PluginStats,
  type SecretMask,
} from '@covent/core'
import type { Broker } from '../broker/broker.ts'
import type { LoadedPlugin } from '../load-plugin.ts'
import { type Alerts, alerts } from './alerts.ts'
import { type CallEnd, type Called, type ComponentCalls, componentCalls } from './component-calls.ts'
import { type LogRing, logRing } from './log-ring.ts'
import { passed } from './passed-bytes.ts'
import { type Processes, processes } from './processes.ts'
import { type RecentCalls, recentCalls, recentMs } from './recent-calls.ts'

/** Sees what one plugin does, over its restarts and updates. */
export interface PluginWatch {
  /** Keeps what is written of this plugin. */
  readonly logger: Logger
  readonly lines: LogRing
  /** Answers as the broker does, and counts. */
  broker(broker: Broker): Broker
  /** Runs a call of a component and measures it, or refuses it with `plugin.paused`. */
  run<T>(called: Called<T>): Promise<T>
  /** Takes a process that begins; its calls, heartbeats and end are seen from now on. */
  begun(loaded: LoadedPlugin, startedAt: number): LoadedPlugin
  /** The process is ready. */
  ready(): void
  failed(error: { readonly code: string; readonly message: string }, isCrash: boolean): void
  /** Events that wait for its handlers, and how many more it lost. */
  events(waiting: number, lost: number): void
  /** A text of a provider was looked for among those that are kept. */
  looked(outcome: 'hit' | 'miss'): void
  /** As it stands, but degraded where something of it is paused. */
  shown(state: State): Pick<PluginInfo, 'state' | 'reason'>
  stats(info: PluginInfo, storageBytes: number): Promise<PluginStats>
}

interface State extends Pick<PluginInfo, 'state'> {
  readonly reason: string | undefined
}

export interface WatchServices {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly events: Pick<EventBus, 'emit'>
  /** Hides secrets in the lines that are kept. */
  readonly mask?: Pick<SecretMask, 'text'>
}

interface Seen extends WatchServices {
  id: string
  readonly calls: ComponentCalls
  readonly recent: RecentCalls
  readonly alarm: Alerts
  readonly runs: Processes
  crashes: number
  denied: number
  sentBytes: number
  receivedBytes: number
  handled: number
  lost: number
  waiting: number
  cache: { hit: number; miss: number }
  lastError: PluginStats['lastError']
}

const thresholds = { errors: 0.5, leastCalls: 10, latency: 0.8, denials: 20, memory: 0.8 }

type Told = NonNullable<CallEnd['error']>

const noteError = (seen: Seen, where: string, { code, message }: Told): void => {
  seen.lastError = { code, message, where, at: seen.clock.now() }
}

const noteEnd = (seen: Seen, { part, name, ms, error, isFault }: CallEnd): void => {
  const { id: plugin, metrics, recent } = seen
  const outcome = error === undefined ? 'completed' : 'failed'
  recent.add(ms, isFault)
  if (isFault && error !== undefined) noteError(seen, `${part}/${name}`, error)
  if (part === 'event') {
    if (error === undefined) seen.handled++
    metrics.count('plugin_events_total', 1, { plugin, outcome })
  }
  if (part !== 'action') return
  const labels = { plugin, action: name }
  metrics.count('plugin_calls_total', 1, { ...labels, outcome })
  metrics.observe('plugin_call_duration_ms', ms, labels)
}

const judgeCalls = ({ recent, alarm, runs }: Seen): void => {
  const { calls, faults, denied, p99Ms } = recent.read()
  const isEnough = calls >= thresholds.leastCalls
  alarm.judge({ alert: 'errors', value: isEnough ? faults / calls : 0, threshold: thresholds.errors })
  const latencyMs = thresholds.latency * runs.callTimeoutMs
  alarm.judge({ alert: 'latency', value: isEnough ? p99Ms : 0, threshold: latencyMs })
  alarm.judge({ alert: 'denials', value: denied, threshold: thresholds.denials })
}

const judgeUsage = ({ alarm, runs, metrics, id: plugin }: Seen): void => {
  const { usage, memoryLimitBytes } = runs
  if (usage === undefined) return
  metrics.gauge('plugin_memory_bytes', usage.rssBytes, { plugin })
  metrics.gauge('plugin_cpu_percent', usage.cpuPercent, { plugin })
  const threshold = thresholds.memory * memoryLimitBytes
  alarm.judge({ alert: 'memory', value: usage.rssBytes, threshold })
}

const notePaused = ({ calls, alarm, metrics, id: plugin }: Seen): void => {
  const paused = calls.paused().length
  metrics.gauge('plugin_paused_components', paused, { plugin })
  alarm.judge({ alert: 'breaker', value: paused, threshold: 1 })
}

const countedBroker =
  (seen: Seen, broker: Broker): Broker =>
  async (asker, request) => {
    const count = (direction: 'sent' | 'received', bytes: number): void => {
      if (bytes === 0) return
      seen[`${direction}Bytes`] += bytes
      seen.metrics.count('plugin_network_bytes_total', bytes, { plugin: seen.id, direction })
    }
    try {
      count('sent', passed(request.method, request.params))
      const answer = await broker(asker, request)
      count('received', passed(request.method, answer))
      return answer
    } catch (error) {
      if (!AppError.is(error, 'plugin.permission-denied')) throw error
      seen.denied++
      seen.recent.deny()
      seen.metrics.count('plugin_denials_total', 1, { plugin: seen.id })
      throw error
    }
  }

const statsOf = async (seen: Seen, info: PluginInfo, storageBytes: number): Promise<PluginStats> => {
  const { calls, runs, alarm, lastError, crashes, denied } = seen
  const { id, version, state } = info
  const { handled, lost, waiting, sentBytes, receivedBytes } = seen
  return {
    id,
    version,
    state,
    crashes,
    denied,
    storageBytes,
    ...(await runs.stats()),
    total: calls.total.stats(),
    parts: calls.parts(),
    inFlight: calls.inFlight,
    events: { handled, lost, waiting },
    cache: { hits: seen.cache.hit, misses: seen.cache.miss },
    network: { sentBytes, receivedBytes },
    paused: calls.paused(),
    alerts: alarm.raised(),
    ...(lastError !== undefined && { lastError }),
  }
}

const shownState = ({ calls }: Seen, { state, reason }: State): Pick<PluginInfo, 'state' | 'reason'> => {
  const paused = state === 'ready' ? calls.paused()[0] : undefined
  if (paused !== undefined)
    return { state: 'degraded', reason: `${paused.part} is paused, since ${paused.reason}` }
  return { state, ...(reason !== undefined && { reason }) }
}

const nothingSeen = { crashes: 0, denied: 0, sentBytes: 0, receivedBytes: 0, handled: 0, lost: 0, waiting: 0 }

/** What is kept of a plugin that was not yet seen, called by its place until its id is known. */
const unseen = (name: string, services: WatchServices): Seen => {
  const { clock } = services
  const plugin = (): string => seen.id
  const calls = componentCalls({
    clock,
    plugin,
    ended: (end) => noteEnd(seen, end),
    pausedChanged: () => notePaused(seen),
  })
  const runs = processes({
    clock,
    calls,
    sampled() {
      judgeCalls(seen)
      judgeUsage(seen)
    },
    ended() {
      seen.alarm.judge({ alert: 'memory', value: 0, threshold: 1 })
      void clock.sleep(recentMs).then(() => judgeCalls(seen))
    },
  })
  const seen: Seen = {
    ...services,
    ...nothingSeen,
    id: name,
    cache: { hit: 0, miss: 0 },
    lastError: undefined,
    calls,
    runs,
    recent: recentCalls(clock),
    alarm: alerts({ ...services, plugin }),
  }
  return seen
}

export const pluginWatch = (name: string, services: WatchServices): PluginWatch => {
  const { clock, metrics } = services
  const lines = logRing(clock, services.mask)
  const logger = lines.logger(services.logger)
  const seen = unseen(name, { ...services, logger })
  return {
    logger,
    lines,
    broker: (broker) => countedBroker(seen, broker),
    run: seen.calls.run,
    begun(loaded, startedAt) {
      seen.id = loaded.manifest.id
      metrics.count('plugin_starts_total', 1, { plugin: seen.id })
      return seen.runs.begun(loaded, startedAt)
    },
    ready() {
      metrics.observe('plugin_start_duration_ms', seen.runs.ready(), { plugin: seen.id })
    },
    failed(error, isCrash) {
      noteError(seen, 'process', error)
      if (!isCrash) return
      seen.crashes++
      metrics.count('plugin_crashes_total', 1, { plugin: seen.id })
    },
    events(waiting, lost) {
      seen.waiting = waiting
      seen.lost += lost
      if (lost > 0) metrics.count('plugin_events_total', lost, { plugin: seen.id, outcome: 'lost' })
    },
    looked(outcome) {
      seen.cache[outcome]++
      metrics.count('plugin_cache_lookups_total', 1, { plugin: seen.id, outcome })
    },
    shown: (state) => shownState(seen, state),
    stats: (info, storageBytes) => statsOf(seen, info, storageBytes),
  }
}
