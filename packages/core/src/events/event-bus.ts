import { type Token, token } from '../token.ts'
import type { EventMap } from './event-map.ts'

export type EventHandler<P> = (payload: P) => void | Promise<void>

export interface WaitOptions<P> {
  /** Only an event for which this holds. */
  readonly where?: (payload: P) => boolean
  /** Rejects with a `TimeoutError` after this time. */
  readonly timeoutMs?: number
  /** Rejects with the signal's reason when aborted. */
  readonly signal?: AbortSignal
}

export interface EventStats {
  readonly emits: number
  /** Errors that handlers threw or rejected with. */
  readonly errors: number
  /** Time spent in handlers until they returned, in milliseconds: measured on one emit in 1,024 of a type, its first among them, and scaled. */
  readonly handlerMs: number
  readonly listeners: number
}

/**
 * Carries typed events. Handlers see one publisher's events in the order of its emits; a handler that throws or
 * rejects is counted and logged and disturbs neither the other handlers nor the emitter. An event emitted while
 * nobody listens is gone. A handler added during an emit does not see that emit; a removed one is not called again.
 */
export interface EventBus<M extends object = EventMap> {
  emit<K extends keyof M & string>(type: K, payload: M[K]): void
  on<K extends keyof M & string>(type: K, handler: EventHandler<M[K]>): Disposable
  /** As `on`, for one event. */
  once<K extends keyof M & string>(type: K, handler: EventHandler<M[K]>): Disposable
  /**
   * Events from the call on, in order, until `return()` or the signal's abort ends it. A reader that falls behind by
   * more than `capacity` (1,024) events ends with an `OverflowError`, so that memory stays bounded and no gap is silent.
   */
  events<K extends keyof M & string>(
    type: K,
    options?: { readonly signal?: AbortSignal; readonly capacity?: number },
  ): AsyncIterableIterator<M[K]>
  /** The next event that fits. Listens before it returns, and stops listening however it ends. */
  waitFor<K extends keyof M & string>(type: K, options?: WaitOptions<M[K]>): Promise<M[K]>
  stats(): Readonly<Partial<Record<keyof M & string, EventStats>>>
}
export const EventBus: Token<EventBus> = token('EventBus')
