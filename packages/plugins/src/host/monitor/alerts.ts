import type { Clock, EventBus, Logger, PluginAlert, RaisedAlert } from '@covent/core'

export interface Reading {
  readonly alert: PluginAlert
  readonly value: number
  readonly threshold: number
}

/** Tells once when a reading reaches its threshold, and once when it is a tenth below it again. */
export interface Alerts {
  judge(reading: Reading): void
  raised(): readonly RaisedAlert[]
}

export interface AlertOptions {
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
  readonly logger: Logger
  plugin(): string
}

const endShare = 0.9

export const alerts = ({ events, clock, logger, plugin }: AlertOptions): Alerts => {
  const raised = new Map<PluginAlert, RaisedAlert>()
  const end = (alert: PluginAlert, value: number): void => {
    const threshold = raised.get(alert)?.threshold
    if (threshold === undefined) return
    raised.delete(alert)
    events.emit('plugin.alert-cleared', { plugin: plugin(), alert, value, threshold })
    logger.info('a plugin is well again', { plugin: plugin(), alert, value, threshold })
  }
  const raise = (reading: Reading): void => {
    if (raised.has(reading.alert)) return
    raised.set(reading.alert, { ...reading, since: clock.now() })
    events.emit('plugin.alert', { plugin: plugin(), ...reading })
    logger.warn('a plugin needs a look', { plugin: plugin(), ...reading })
  }
  return {
    judge(reading) {
      if (reading.value >= reading.threshold) raise(reading)
      else if (reading.value < reading.threshold * endShare) end(reading.alert, reading.value)
    },
    raised: () => [...raised.values()],
  }
}
