import { type CallContext, type Clock, type EventBus, type EventName, type Logger } from '@covent/core'
import { callPart, hookCall, type PartOwner, tellFailure } from './call-part.ts'
import { shownEvent } from './shown.ts'

export interface DeliveryServices {
  readonly events: Pick<EventBus, 'on'>
  readonly clock: Clock
  readonly logger: Logger
}

interface Waiting {
  readonly name: EventName
  readonly payload: object
}

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
 * Hands a plugin the events that its manifest names, one after the other, until its process ends. One that falls 256
 * behind loses what comes next, and the log says so.
 */
export const deliverEvents = (plugin: PartOwner, services: DeliveryServices): void => {
  const { events, clock, logger } = services
  const { id: pluginId, on: names } = plugin.manifest
  const queue: Waiting[] = []
  let lost = 0
  let isBusy = false

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
  const work = async (): Promise<void> => {
    if (isBusy) return
    isBusy = true
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await handle(next)
    isBusy = false
    if (lost > 0) logger.warn('a plugin lost events', { plugin: pluginId, count: lost })
    lost = 0
  }
  const take = (name: EventName, payload: object): void => {
    if (queue.length >= queueCap) lost++
    else queue.push({ name, payload })
    void work()
  }
  const subscriptions = names.map((name) =>
    events.on(name as EventName, (payload) => take(name as EventName, payload)),
  )
  void plugin.sandbox.exited.then(() => {
    for (const subscription of subscriptions) subscription[Symbol.dispose]()
    queue.length = 0
  })
}
