import { type EventBus, type EventMap, type ReadOptions, systemClock, type WaitOptions } from '@covent/core'
import type { Handler } from '../channels.ts'
import { dispatcher, type DispatcherOptions } from '../dispatcher.ts'
import { eventReader } from '../event-reader.ts'
import { nextEvent } from '../next-event.ts'

export type MemoryEventBusOptions = DispatcherOptions

/**
 * An event bus within the process. Handlers run before the outermost `emit` returns; an event emitted by a handler
 * waits until all handlers of the current one have run, so that every handler sees all events in one order. Of such
 * nested emits 100,000 fit into one outer emit; the next throws a `RangeError` into the handler, which ends the loop.
 */
export const memoryEventBus = <M extends object = EventMap>(
  options: MemoryEventBusOptions = {},
): EventBus<M> => {
  const { clock = systemClock } = options
  const { emit, add, stats } = dispatcher(options)
  const once = (type: string, handler: Handler): Disposable => {
    const subscription = add(type, (payload) => {
      subscription[Symbol.dispose]()
      return handler(payload)
    })
    return subscription
  }
  // Typed by event from here on; within, an event is any name with any payload.
  return {
    emit,
    on: add,
    once,
    events: (type: string, how?: ReadOptions) => eventReader((handler) => add(type, handler), how),
    waitFor: (type: string, how?: WaitOptions<unknown>) =>
      nextEvent((handler) => add(type, handler), { ...how, type, clock }),
    stats,
  } as unknown as EventBus<M>
}
