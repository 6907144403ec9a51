import type { Page, PageRequest } from './page.ts'

/** An event to be kept; `durableEvent` makes one. */
export interface NewDurableEvent {
  readonly id: string
  readonly type: string
  /** Events of one key are dealt with one after the other. */
  readonly key: string
  readonly payload: unknown
  readonly createdAt: number
}

/** An event that a consumer has in hand until its lease ends. */
export interface ClaimedEvent extends NewDurableEvent {
  readonly consumer: string
  /** The number of the claim: higher than that of every claim before, by which a late writer is known. */
  readonly fence: number
  /** From 1. */
  readonly attempt: number
}

export type EventOutcome =
  | { readonly kind: 'done' }
  /** To be tried again, not before the pause is over. */
  | { readonly kind: 'retry'; readonly pauseMs: number; readonly error: string }
  /** Not understood here; another replica may try it, when the pause is over. The attempt does not count. */
  | { readonly kind: 'parked'; readonly pauseMs: number; readonly error: string }
  /** Put back as if it had not been claimed. */
  | { readonly kind: 'released' }
  | { readonly kind: 'dead'; readonly error: string }

/** An event that failed at all its attempts. */
export interface DeadLetter extends NewDurableEvent {
  readonly consumer: string
  readonly attempts: number
  readonly error: string
  readonly diedAt: number
}

export interface ConsumerDepth {
  readonly consumer: string
  readonly open: number
  readonly parked: number
  readonly dead: number
  /** When the oldest of the open ones was made. */
  readonly oldestAt?: number
}

export interface ClaimRequest {
  /** The process that claims. */
  readonly owner: string
  readonly limit: number
  readonly leaseMs: number
}

export interface FinishedClaim extends Pick<ClaimedEvent, 'consumer' | 'fence'> {
  readonly owner: string
  /** Events that the claim gave. */
  readonly count: number
}

/** Durable events, one row for each consumer that has not dealt with it. Leases go by the clock of the store. */
export interface OutboxStore {
  /** Keeps the event for every consumer that has subscribed to its type; one of an id that is there already changes nothing. */
  append(event: NewDurableEvent): Promise<void>
  /** From now on events of these types are kept for the consumer. Others that it had stay. */
  subscribe(consumer: string, types: readonly string[]): Promise<void>
  /** Ends a consumer that no version has any more, with all that is kept for it. */
  unsubscribe(consumer: string): Promise<void>
  /**
   * Takes events that are due, oldest first. Of one key it takes them from the first on, and none while one before them is
   * in other hands, pauses or is parked.
   */
  claim(consumer: string, request: ClaimRequest): Promise<readonly ClaimedEvent[]>
  /** True where `claim` might find something; reads only. */
  isDue(consumer: string): Promise<boolean>
  /** Prolongs the lease of all that the owner has in hand, and tells how many those are. */
  renew(consumer: string, lease: Omit<ClaimRequest, 'limit'>): Promise<number>
  /** Refused with `database.conflict` where the event has been claimed by another since, and with it the unit of work. */
  settle(event: Pick<ClaimedEvent, 'id' | 'consumer' | 'fence'>, outcome: EventOutcome): Promise<void>
  /** Ends all events of a claim; refused with `database.conflict` unless they are all in the owner's hand still. */
  finish(claim: FinishedClaim): Promise<void>
  /** Oldest first. */
  dead(page: PageRequest & { readonly consumer?: string | undefined }): Promise<Page<DeadLetter>>
  /** Opens dead letters again with all their attempts: one, or all of the consumer; tells how many. */
  redrive(consumer: string, id?: string): Promise<number>
  depths(): Promise<readonly ConsumerDepth[]>
  /** Told in this process when an append or a redrive has committed, and for which consumers. */
  onDue(listener: (consumers: readonly string[]) => void): Disposable
}
