import { metricsRegistry } from '@covent/telemetry'
import { describe, expect, it } from 'vitest'

const named = (registry: ReturnType<typeof metricsRegistry>, name: string) =>
  registry.snapshot().find((family) => family.name === name)

describe('the metrics registry', () => {
  it('adds counts, keeps the last gauge, and tells label sets apart whatever their order', () => {
    const metrics = metricsRegistry()
    metrics.count('turns_total')
    metrics.count('turns_total', 2)
    metrics.count('calls_total', 1, { plugin: 'a', action: 'b' })
    metrics.count('calls_total', 1, { action: 'b', plugin: 'a' })
    metrics.count('calls_total', 1, { action: 'a', plugin: 'b' })
    metrics.gauge('queue_length', 3)
    metrics.gauge('queue_length', 1)
    expect(metrics.snapshot()).toEqual([
      { name: 'turns_total', kind: 'counter', series: [{ labels: {}, value: 3 }] },
      {
        name: 'calls_total',
        kind: 'counter',
        series: [
          { labels: { plugin: 'a', action: 'b' }, value: 2 },
          { labels: { action: 'a', plugin: 'b' }, value: 1 },
        ],
      },
      { name: 'queue_length', kind: 'gauge', series: [{ labels: {}, value: 1 }] },
    ])
  })

  it('sorts observations into buckets by the unit of the name', () => {
    const metrics = metricsRegistry()
    for (const ms of [0.5, 3, 3, 1e9]) metrics.observe('turn_duration_ms', ms)
    metrics.observe('body_size_bytes', 5)
    const family = named(metrics, 'turn_duration_ms')
    expect(family).toMatchObject({ kind: 'histogram', series: [{ count: 4, sum: 1_000_000_006.5 }] })
    const filled = JSON.stringify(family?.series[0]).match(/\{"upTo":[^}]*"count":[1-9]\}/g)
    expect(filled).toEqual(['{"upTo":0.5,"count":1}', '{"upTo":5,"count":2}', '{"upTo":null,"count":1}'])
    expect(JSON.stringify(named(metrics, 'body_size_bytes'))).toContain('{"upTo":16,"count":1}')
  })

  it('gathers label sets beyond the cap into one overflow series', () => {
    const metrics = metricsRegistry({ maxSeries: 3 })
    for (let n = 0; n < 1000; n++) metrics.count('peers_total', 1, { peer: String(n) })
    metrics.count('peers_total', 1, { peer: '0' })
    expect(named(metrics, 'peers_total')?.series).toEqual([
      { labels: { peer: '0' }, value: 2 },
      { labels: { peer: '1' }, value: 1 },
      { labels: { peer: '2' }, value: 1 },
      { labels: { overflow: 'true' }, value: 997 },
    ])
  })

  it('refuses names beyond the cap and uses of a name as another kind, and counts them', () => {
    const metrics = metricsRegistry({ maxNames: 2 })
    for (let n = 0; n < 10; n++) metrics.count(`name_${n}`)
    metrics.gauge('name_0', 7)
    expect(metrics.snapshot().map(({ name }) => name)).toEqual(['name_0', 'name_1', 'metrics_refused_total'])
    expect(named(metrics, 'metrics_refused_total')?.series).toEqual([{ labels: {}, value: 9 }])
    expect(named(metrics, 'name_0')?.series).toEqual([{ labels: {}, value: 1 }])
  })

  it('leaves out what is no number, and counts that go down', () => {
    const metrics = metricsRegistry()
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      metrics.gauge('a', value)
      metrics.observe('b', value)
      metrics.count('c', value)
    }
    metrics.count('c', -1)
    expect(metrics.snapshot()).toEqual([])
  })
})
