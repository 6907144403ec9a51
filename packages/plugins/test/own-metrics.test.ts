import type { Labels } from '@covent/core'
import { describeWith } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { metricWriter } from '../src/channel/own-metrics.ts'
import { skippingClock } from '../src/testing/skipping-clock.ts'
import { pluginSource, startHost } from './start-host.ts'

const recording = () => {
  const seen: (readonly [string, number, Labels])[] = []
  const take = (name: string, value = 1, labels: Labels = {}) => void seen.push([name, value, labels])
  return { seen, metrics: { count: take, observe: take, gauge() {} } }
}

describeWith('bubblewrap', 'ctx.metrics', () => {
  it('counts and measures under the name of the plugin, and tells an author what is none', async () => {
    const { seen, metrics } = recording()
    const actions = {
      act: `ctx.metrics.count('rolls'); ctx.metrics.count('rolls', 2, { side: 'six' }); ctx.metrics.observe('sum_points', 7.5)`,
      wrong: `ctx.metrics[input.how](input.name, input.value, input.labels)`,
    }
    const installed = { made: pluginSource('acme.made', { actions }) }
    const { call } = await startHost({ installed, plugins: { allowUnsigned: true }, metrics })
    await call('acme.made', 'act')
    const own = seen.filter(([name]) => name.startsWith('plugin_own'))
    expect(own).toEqual([
      ['plugin_own_total', 1, { plugin: 'acme.made', metric: 'rolls' }],
      ['plugin_own_total', 2, { plugin: 'acme.made', metric: 'rolls', side: 'six' }],
      ['plugin_own', 7.5, { plugin: 'acme.made', metric: 'sum_points' }],
    ])
    for (const wrong of [
      { how: 'count', name: 'Rolls', value: 1 },
      { how: 'count', name: 'rolls', value: -1 },
      { how: 'observe', name: 'rolls', value: 1e16 },
      { how: 'observe', name: 'rolls', value: 1, labels: { plugin: 'acme.other' } },
      { how: 'count', name: 'rolls', value: 1, labels: { side: 6 } },
    ])
      await expect(call('acme.made', 'wrong', wrong)).rejects.toThrow(/takes a name in snake case/)
    await call('acme.made', 'act')
  })
})

describe('what a plugin measures', () => {
  const message = (name: string) => ({ kind: 'metric', how: 'count', name, value: 1 }) as const

  it('is held to a hundred series, and to so many values a second', async () => {
    const { seen, metrics } = recording()
    const clock = skippingClock()
    const write = metricWriter(metrics, clock, () => 'acme.made')
    for (let n = 0; n < 150; n++) write(message(`m${n}`))
    expect(seen).toHaveLength(100)
    for (let n = 0; n < 5_000; n++) write(message('m0'))
    expect(seen.length).toBeLessThan(1_100)
    await clock.advance(1_000)
    write(message('m1'))
    expect(seen.at(-1)?.[2]).toEqual({ plugin: 'acme.made', metric: 'm1' })
  })
})
