import { type CallContext, type Clock, type EventBus, type EventName, type Logger } from '@covent/core'
import type { PluginWatch } from '../monitor/plugin-watch.ts'
import { callPart, hookCall, type PartOwner, tellFailure } from './call-part.ts'
import { shownEvent } from './shown.ts'

export interface DeliveryServices {
  readonly events: Pick<EventBus, 'on'>
  readonly clock: Clock
  readonly logger: Logger
  readonly watch: Pick<PluginWatch, 'events'>
}

interface Waiting {
  readonly name: EventName
  readonly payload: object
}

/** What one process of a plugin leaves to the next. */
export interface Handover {
  readonly waiting: readonly Waiting[]
  /** Resolves when the event under way is dealt with. */
  readonly done: Promise<void>
}

export interface Delivery {
  /** No event reaches it any more. */
  end(): Handover
}

export const nothingLeft: Handover = { waiting: [], done: Promise.resolve() }

const queueCap = 256
const handlerMs = 5_000

/** On whose behalf a handler runs: as far as the event says so. */
const callFor = (payload: object, clock: Clock): CallContext => {
  const { principalId, conversationId, turnId } = payload as Partial<CallContext>
  return {
    ...hookCall(clock),
    ...(typeof principalId === 'string' && { principalId }),
    ...(typeof conversationId === 'string' && { conversationId }),
    ...(typeof turnId === 'string' && { turnId }),
  }
}

/**
 * Hands a plugin the events that its manifest names, one after the other, until its process ends; first those that were
 * left to it. One that falls 256 behind loses what comes next, and the log says so.
 */
export const deliverEvents = (
  plugin: PartOwner,
  services: DeliveryServices,
  left: Handover = nothingLeft,
): Delivery => {
  const { events, clock, logger, watch } = services
  const { id: pluginId, on: names } = plugin.manifest
  const queue = left.waiting.filter(({ name }) => names.includes(name))
  let lost = 0

  const handle = async ({ name, payload }: Waiting): Promise<void> => {
    const call = callFor(payload, clock)
    const input = shownEvent(plugin, payload)
    try {
      await callPart(plugin, { part: 'event', name, input, call, timeoutMs: handlerMs })
    } catch (error) {
      tellFailure(plugin, { where: `event/${name}`, error }, clock)
      const { message } = error as Error
      logger.warn('a plugin failed at an event', { plugin: pluginId, event: name, reason: message })
    }
  }
  const work = async (before?: Promise<void>): Promise<void> => {
    await before
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      watch.events(queue.length, 0)
      await handle(next)
    }
    if (lost > 0) logger.warn('a plugin lost events', { plugin: pluginId, count: lost })
    lost = 0
    working = undefined
  }
  let working: Promise<void> | undefined = work(left.done)
  const take = (name: EventName, payload: object): void => {
    const isFull = queue.length >= queueCap
    if (isFull) lost++
    else queue.push({ name, payload })
    watch.events(queue.length, isFull ? 1 : 0)
    working ??= work()
  }
  const subscriptions = names.map((name) =>
    events.on(name as EventName, (payload) => take(name as EventName, payload)),
  )
  const end = (): Handover => {
    for (const subscription of subscriptions) subscription[Symbol.dispose]()
    return { waiting: queue.splice(0), done: working ?? Promise.resolve() }
  }
  void plugin.sandbox.exited.then(end)
  return { end }
}
