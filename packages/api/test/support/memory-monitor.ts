import { type PluginLogLine, PluginError, type PluginMonitor, type PluginStats } from '@covent/core'

const calls = { calls: 2, errors: 1, errorsByCode: { 'plugin.timeout': 1 }, p50Ms: 1, p95Ms: 2, p99Ms: 2 }

const stats: PluginStats = {
  id: 'acme.noter',
  version: '1.0.0',
  state: 'degraded',
  starts: 1,
  crashes: 0,
  instances: 1,
  total: calls,
  parts: { 'action/note': calls },
  inFlight: 0,
  events: { handled: 0, lost: 0, waiting: 0 },
  denied: 0,
  cache: { hits: 0, misses: 0 },
  network: { sentBytes: 0, receivedBytes: 0 },
  storageBytes: 0,
  paused: [{ part: 'action/note', reason: '3 calls in a row did not end in time', triesAt: 0 }],
  alerts: [{ alert: 'breaker', value: 1, threshold: 1, since: 0 }],
  lastError: { code: 'plugin.timeout', message: 'late', where: 'action/note', at: 0 },
}

const line = (n: number): PluginLogLine => ({ n, at: 0, level: 'info', message: `line ${n}`, fields: { n } })

/** Knows one plugin, which has said two lines and says a third. */
export const memoryMonitor = (): PluginMonitor => {
  const check = (id: string): void => {
    if (id !== stats.id) throw new PluginError('plugin.not-found', `there is no plugin ${id}`)
  }
  const logs = (id: string, after = 0) => (check(id), [line(1), line(2)].filter(({ n }) => n > after))
  return {
    all: async () => [stats],
    stats: async (id) => (check(id), stats),
    logs,
    async *follow(id, { after }) {
      yield* logs(id, after)
      yield line(3)
    },
  }
}
