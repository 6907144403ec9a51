import type { Clock, Labels, Metrics } from '@covent/core'
import type { GuestMessage } from '@covent/plugin-sdk/protocol'
import { tokenBucket } from './token-bucket.ts'

export type Measured = Extract<GuestMessage, { kind: 'metric' }>

const rate = { perSecond: 200, burst: 1_000 }
/** Each is a line of every scrape, so that a plugin gets so many and no more. */
const seriesCap = 100

/** Takes what a plugin counts and measures; what is more than its share is dropped. */
export const metricWriter = (
  metrics: Pick<Metrics, 'count' | 'observe'> | undefined,
  clock: Clock,
  plugin: () => string,
): ((measured: Measured) => void) => {
  const budget = tokenBucket(rate, clock)
  const series = new Map<string, Labels>()
  return ({ how, name, value, labels = {} }) => {
    if (metrics === undefined || budget.take(0) > 0) return
    budget.take(1)
    const named = Object.keys(labels).toSorted((a, b) => (a < b ? -1 : 1))
    const key = JSON.stringify([how, name, named.map((label) => [label, labels[label]])])
    const known = series.get(key)
    if (known === undefined && series.size === seriesCap) return
    const all = known ?? Object.freeze({ ...labels, plugin: plugin(), metric: name })
    series.set(key, all)
    if (how === 'count') metrics.count('plugin_own_total', value, all)
    else metrics.observe('plugin_own', value, all)
  }
}
