import { newId } from '../runtime/id.ts'
import type { NewDurableEvent } from '../stores/outbox-store.ts'
import type { EventMap, EventName } from './event-map.ts'

/**
 * What is promised of an event. A `signal` is told at most once, by `EventBus.emit`: within the process that emits it, or
 * on all replicas. A `durable` one is kept with the change that it tells of, by `Stores.outbox`, until each of its
 * consumers has dealt with it; those of one key come in order. Told by `emit` as well, it is a signal in the process.
 */
export type EventClass =
  | { readonly class: 'signal'; readonly reach: 'process' | 'replicas' }
  | { readonly class: 'durable'; readonly reach: 'process'; readonly key: string }

const local = { class: 'signal', reach: 'process' } as const
const everywhere = { class: 'signal', reach: 'replicas' } as const
const durable = <K extends string>(key: K) => ({ class: 'durable', reach: 'process', key }) as const

/** The class of every event. What a turn emits stays in its process: no turn waits for, or pays for, a network. */
export const eventClasses = {
  'system.started': local,
  'system.stopping': local,
  'system.signals-missed': local,
  'config.changed': everywhere,
  'agent.message.received': local,
  'agent.message.sent': local,
  'agent.action.started': local,
  'agent.action.completed': local,
  'agent.action.failed': local,
  'agent.state.changed': local,
  // Only of turns that somebody follows on another replica.
  'agent.turn.watched': everywhere,
  'agent.turn.told': everywhere,
  'plugin.loaded': local,
  'plugin.unloaded': local,
  'plugin.failed': local,
  'plugin.installed': everywhere,
  'plugin.uninstalled': everywhere,
  'plugin.updated': everywhere,
  'plugin.update-requested': everywhere,
  'plugin.rolled-back': everywhere,
  'plugin.permission-granted': everywhere,
  'plugin.permission-revoked': everywhere,
  'plugin.permission-requested': local,
  'plugin.permission-denied': local,
  'plugin.alert': local,
  'plugin.alert-cleared': local,
  'plugin.event': local,
  'conversation.started': local,
  'conversation.message': local,
  'conversation.ended': durable('conversationId'),
  'job.progressed': local,
  'job.ended': local,
  'security.auth.succeeded': local,
  'security.auth.failed': local,
  'security.limit.exceeded': local,
} as const satisfies Readonly<Record<EventName, EventClass>>

type OfClass<C extends EventClass['class']> = {
  [K in EventName]: (typeof eventClasses)[K]['class'] extends C ? K : never
}[EventName]

/** Events that are kept until they are dealt with. */
export type DurableName = OfClass<'durable'>

/** A durable event with a new id, as `Stores.outbox.append` takes it. */
export const durableEvent = <K extends DurableName>(
  type: K,
  payload: EventMap[K],
  nowMs: number,
): NewDurableEvent => ({
  id: newId('evt', nowMs),
  type,
  key: String(payload[eventClasses[type].key as keyof EventMap[K]]),
  payload,
  createdAt: nowMs,
})
