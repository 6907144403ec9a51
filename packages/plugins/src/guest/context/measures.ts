import type { MetricLabels, PluginMetrics } from '@covent/plugin-sdk'
import type { Connection } from '../connection.ts'

const namePattern = /^[a-z][a-z0-9_]{0,47}$/
const labelPattern = /^(?!plugin$|metric$)[a-z][a-z0-9_]{0,31}$/

const areLabels = (labels: MetricLabels): boolean => {
  const pairs = Object.entries(labels)
  const isLabel = ([name, value]: [string, unknown]): boolean =>
    labelPattern.test(name) && typeof value === 'string' && value.length <= 60
  return pairs.length <= 4 && pairs.every(isLabel)
}

/** `ctx.metrics`. What is no metric throws here: the host ends a plugin that sends what is no message. */
export const measures = (connection: Connection): PluginMetrics => {
  const send = (how: 'count' | 'observe', [name, value, labels]: [string, number, MetricLabels]): void => {
    if (!namePattern.test(name) || !(value >= 0 && value <= 1e15) || !areLabels(labels))
      throw new Error(
        'ctx.metrics takes a name in snake case, a number from 0, and up to four labels in snake case, none of them plugin or metric',
      )
    connection.send({ kind: 'metric', how, name, value, labels: { ...labels } })
  }
  return {
    count: (name, by = 1, labels = {}) => send('count', [name, by, labels]),
    observe: (name, value, labels = {}) => send('observe', [name, value, labels]),
  }
}
