import type { Stores } from '../stores/unit-of-work.ts'
import { type Token, token } from '../token.ts'
import type { DurableName } from './event-classes.ts'
import type { EventMap } from './event-map.ts'

/** A kept event as a consumer gets it. */
export type DurableEvent<K extends DurableName = DurableName> = {
  readonly [N in K]: {
    /** The same at each attempt: what is done outside of the database is named by it, so that it is done once. */
    readonly id: string
    readonly type: N
    readonly payload: EventMap[N]
    readonly createdAt: number
    /** From 1. */
    readonly attempt: number
  }
}[K]

/**
 * Writes what follows from the event, through these stores alone: the effect commits with the end of the event, or not at
 * all. It runs again where writes of others came between.
 */
export type CommitEvent<K extends DurableName = DurableName> = (
  event: DurableEvent<K>,
  stores: Stores,
) => Promise<void>

/** How a consumer deals with events: `act`, then `commit`; one of them is enough. */
export interface DurableHandler<K extends DurableName = DurableName> {
  /**
   * What is done outside of the database. It may be done again, after a crash or when its time is over, so it goes by
   * the event's id. The signal aborts when the time is over, when another replica has taken the event, and at a stop.
   */
  readonly act?: (event: DurableEvent<K>, signal: AbortSignal) => Promise<void>
  readonly commit?: CommitEvent<K>
  /** Keys that are worked on at once in this process; 16 when absent. */
  readonly concurrency?: number
  /** Attempts after which an event becomes a dead letter; 10 when absent. */
  readonly attempts?: number
  /** Time for `act`; 10 s when absent. */
  readonly timeoutMs?: number
}

/** What became of a consumer's events in this process since its start. */
export interface ConsumerStats {
  readonly handled: number
  /** Attempts that failed. */
  readonly failed: number
  /** Refused, because another replica had taken the event meanwhile. */
  readonly stale: number
  readonly dead: number
  /** Put back for a newer version: of a type or shape that this one does not know. */
  readonly parked: number
  readonly inHand: number
  /** Time from the append of the event that was handled last to its end. */
  readonly lagMs: number
}

/**
 * Deals with the events of `Stores.outbox`. Each consumer gets every event of its types that is appended after it was
 * first started anywhere, at least once and its commit exactly once, on one replica or another; events of one key one
 * after the other, in the order of their appends. One that fails is tried again after a growing pause, meanwhile its key
 * waits; after its last attempt it is a dead letter, and the key goes on.
 */
export interface DurableEvents {
  /** A name is one consumer over all replicas and versions; each is added once, before the start. */
  consume<K extends DurableName>(
    name: string,
    types: readonly K[],
    handler: DurableHandler<K> | CommitEvent<K>,
  ): void
  stats(): Readonly<Record<string, ConsumerStats>>
}
export const DurableEvents: Token<DurableEvents> = token('DurableEvents')
