import { Clock, EventBus, Logger, Metrics, silentLogger, systemClock } from '@covent/core'
import { eventsModule } from '@covent/events/module'
// oxlint-disable-next-line no-restricted-imports -- a module is tested in a container
import { Container } from 'inversify'
import { expect, it } from 'vitest'

const containerWith = async (metrics?: Metrics): Promise<Container> => {
  const container = new Container({ defaultScope: 'Singleton', jitless: true })
  container.bind(Logger).toConstantValue(silentLogger)
  container.bind(Clock).toConstantValue(systemClock)
  if (metrics !== undefined) container.bind(Metrics).toConstantValue(metrics)
  await container.loadAsync(eventsModule())
  return container
}

const emitToFailingHandler = (bus: EventBus): void => {
  bus.on('config.changed', () => {
    throw new Error('no')
  })
  bus.emit('config.changed', { keys: [] })
}

it('the events module binds one bus, which counts failures where metrics are bound', async () => {
  const counted: unknown[] = []
  const metrics: Metrics = { count: (...all) => void counted.push(all), gauge() {}, observe() {} }
  const container = await containerWith(metrics)
  emitToFailingHandler(container.get(EventBus))
  expect(container.get(EventBus)).toBe(container.get(EventBus))
  expect(counted).toEqual([['event_handler_errors_total', 1, { type: 'config.changed' }]])
})

it('the events module does without metrics', async () => {
  const bus = (await containerWith()).get(EventBus)
  emitToFailingHandler(bus)
  expect(bus.stats()['config.changed']?.errors).toBe(1)
})
