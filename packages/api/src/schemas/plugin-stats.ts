import type { PluginLogLine, PluginStats } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'
import { pluginState } from './plugin.ts'

const count = z.int().min(0)
const ms = z.number().min(0)

const calls = z
  .object({
    calls: count,
    errors: count,
    errorsByCode: z.record(z.string(), count),
    p50Ms: ms,
    p95Ms: ms,
    p99Ms: ms,
  })
  .meta({
    id: 'CallStats',
    description: 'Since the server started; percentiles are at most a tenth too long.',
  })

const alert = z.object({
  alert: z.enum(['memory', 'errors', 'latency', 'denials', 'breaker']),
  value: z.number(),
  threshold: z.number(),
  since: time,
})

export const pluginStats = z
  .object({
    id: z.string(),
    version: z.string(),
    state: pluginState,
    starts: count,
    crashes: count,
    instances: count.meta({ description: 'Its processes that run now.' }),
    startMs: ms.optional(),
    uptimeMs: ms.optional(),
    heartbeatAgeMs: ms.optional().meta({ description: 'Since its last sign of life.' }),
    total: calls,
    parts: z.record(z.string(), calls).meta({ description: 'By component, as action/name.' }),
    inFlight: count,
    events: z.object({ handled: count, lost: count, waiting: count }),
    cache: z.object({ hits: count, misses: count }),
    denied: count.meta({ description: 'Requests that its grants did not allow.' }),
    usage: z.object({ rssBytes: count, cpuMs: ms, cpuPercent: ms }).optional(),
    network: z.object({ sentBytes: count, receivedBytes: count }),
    storageBytes: count,
    paused: z.array(z.object({ part: z.string(), reason: z.string(), triesAt: time })),
    alerts: z.array(alert),
    lastError: z.object({ code: z.string(), message: z.string(), where: z.string(), at: time }).optional(),
  })
  .meta({ id: 'PluginStats' })
export type PluginStatsView = z.output<typeof pluginStats>

export const statsView = (stats: PluginStats): PluginStatsView => {
  const { total, parts, lastError, paused, alerts, ...rest } = stats
  return {
    ...rest,
    total: { ...total, errorsByCode: { ...total.errorsByCode } },
    parts: Object.fromEntries(
      Object.entries(parts).map(([name, one]) => [name, { ...one, errorsByCode: { ...one.errorsByCode } }]),
    ),
    paused: paused.map((one) => ({ ...one, triesAt: isoTime(one.triesAt) })),
    alerts: alerts.map((one) => ({ ...one, since: isoTime(one.since) })),
    ...(lastError && { lastError: { ...lastError, at: isoTime(lastError.at) } }),
  }
}

export const pluginLogLine = z
  .object({
    n: count.meta({ description: 'Counts its lines; a gap is what was forgotten.' }),
    at: time,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'PluginLogLine' })
export type PluginLogLineView = z.output<typeof pluginLogLine>

export const logLineView = ({ at, fields, ...line }: PluginLogLine): PluginLogLineView => ({
  ...line,
  at: isoTime(at),
  fields: { ...fields },
})
