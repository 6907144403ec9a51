import {
  type DurableEvent,
  durableEvent,
  type DurableHandler,
  type EventMap,
  type Stores,
  type UnitOfWork,
} from '@covent/core'
import type { NoticeCarrier } from '../durable/carrier.ts'
import { durableEvents, type RunningDurableEvents } from '../durable/durable-events.ts'

/** An empty database, and how replicas tell each other of events. */
export interface OpenOutbox {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  carrier?(): NoticeCarrier
  close(): Promise<void>
}

export type Handler = DurableHandler
export interface Bench extends OpenOutbox {
  /** Starts a replica with one consumer, `c`; each has a name of its own. */
  replica(handler: Handler, options?: ReplicaOptions): Promise<RunningDurableEvents>
  append(...numbers: readonly (number | readonly [n: number, key: string])[]): Promise<void>
}
interface ReplicaOptions {
  readonly leaseMs?: number
  readonly pollMs?: number
  readonly consumer?: string
}

export type Ended = DurableEvent
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
export const numberOf = ({ payload }: Ended): number => Number(payload.principalId)
export const event = (n: number, key = `k${n}`) => {
  const payload: EventMap['conversation.ended'] = { conversationId: key, principalId: String(n) }
  return { ...durableEvent('conversation.ended', payload, 1000 + n), id: `e${n}` }
}
const place = { plugin: 'test', scope: 'plugin', owner: '' } as const

/** Counts in the database, through the unit that ends the event. */
export const countIn = async ({ keyValues }: Stores, { id }: Ended): Promise<void> => {
  const before = ((await keyValues.get(place, id, 0)) ?? 0) as number
  await keyValues.set(place, id, before + 1, { operationId: `${id} ${before}`, nowMs: 0 })
}
export const countOf = async ({ keyValues }: Stores, id: string): Promise<unknown> =>
  keyValues.get(place, id, 0)

export const benchOver = (
  opened: OpenOutbox,
  replicas: RunningDurableEvents[],
): Omit<Bench, keyof OpenOutbox> => ({
  async replica(handler, { consumer = 'c', ...options } = {}) {
    const { stores, unitOfWork, carrier } = opened
    const one = durableEvents({
      stores,
      unitOfWork,
      replica: `r${replicas.length}`,
      carrier: carrier?.(),
      pollMs: 20,
      parkMs: 20,
      pauseMs: () => 10,
      stopMs: 100,
      ...options,
    })
    replicas.push(one)
    one.consume(consumer, ['conversation.ended'], handler)
    await one.start()
    return one
  },
  async append(...given) {
    for (const one of given) {
      const [n, key] = typeof one === 'number' ? [one, undefined] : one
      await opened.unitOfWork.run(({ outbox }) => outbox.append(event(n, key)))
    }
  },
})

export const isEmpty = async ({ stores }: Bench): Promise<boolean> =>
  (await stores.outbox.depths()).length === 0
