import { type Token, token } from '../token.ts'
import type { EventMap } from './event-map.ts'

export type EventHandler<P> = (payload: P) => void | Promise<void>

type Prefix<K> = K extends `${infer Head}.${infer Rest}` ? `${Head}.*` | `${Head}.${Prefix<Rest>}` : never

/** All events, or those whose names begin so: `plugin.*` for `plugin.loaded`, `plugin.failed`, … */
export type EventPattern<M extends object = EventMap> = '*' | Prefix<keyof M & string>

/** Names that a pattern covers. */
export type MatchedEvent<M extends object, P extends string> = P extends '*'
  ? keyof M & string
  : P extends `${infer Head}.*`
    ? Extract<keyof M & string, `${Head}.${string}`>
    : never

/** An event with its name, as patterns bring it. */
export type NamedEvent<M extends object = EventMap, K extends keyof M & string = keyof M & string> = {
  readonly [N in K]: { readonly type: N; readonly payload: M[N] }
}[K]

export interface ListenOptions {
  /** Events that the handler works on at once, where it is asynchronous; those that come meanwhile wait in order. */
  readonly concurrency: number
  /** Events that may wait, 1,024 when absent; what comes beyond is dropped for this handler, counted and logged. */
  readonly capacity?: number
}

export interface WaitOptions<P> {
  /** Only an event for which this holds. */
  readonly where?: (payload: P) => boolean
  /** Rejects with a `TimeoutError` after this time. */
  readonly timeoutMs?: number
  /** Rejects with the signal's reason when aborted. */
  readonly signal?: AbortSignal
}

export interface ReadOptions {
  readonly signal?: AbortSignal
  readonly capacity?: number
}

export interface EventStats {
  readonly emits: number
  /** Errors that handlers threw or rejected with. */
  readonly errors: number
  /** Time spent in handlers until they returned, in milliseconds: measured on one emit in 1,024 of a type, its first among them, and scaled. */
  readonly handlerMs: number
  readonly listeners: number
  /** Not handed to a handler of limited concurrency, which had too many waiting. */
  readonly dropped: number
  /** Of the emits, those of other replicas; absent where the bus has none. */
  readonly received?: number
  /** Time from the last such emit to its arrival by the clocks of both machines; absent until one has come. */
  readonly lagMs?: number
}

/**
 * Carries typed events, each at most once. Handlers see one publisher's events in the order of its emits; a handler that
 * throws or rejects is counted and logged and disturbs neither the other handlers nor the emitter. An event emitted while
 * nobody listens is gone. A handler added during an emit does not see that emit; a removed one is not called again.
 * Events that reach all replicas (`eventClasses`) can be missed there, so whoever acts on one must be able to do without
 * it: by looking for himself now and then, and when `system.signals-missed` says so.
 */
export interface EventBus<M extends object = EventMap> {
  emit<K extends keyof M & string>(type: K, payload: M[K]): void
  on<K extends keyof M & string>(type: K, handler: EventHandler<M[K]>, options?: ListenOptions): Disposable
  /** Every event that the pattern covers, in one order. */
  on<P extends EventPattern<M>>(
    pattern: P,
    handler: EventHandler<NamedEvent<M, MatchedEvent<M, P>>>,
    options?: ListenOptions,
  ): Disposable
  /** As `on`, for one event. */
  once<K extends keyof M & string>(type: K, handler: EventHandler<M[K]>): Disposable
  /**
   * Events from the call on, in order, until `return()` or the signal's abort ends it. A reader that falls behind by
   * more than `capacity` (1,024) events ends with an `OverflowError`, so that memory stays bounded and no gap is silent.
   */
  events<K extends keyof M & string>(type: K, options?: ReadOptions): AsyncIterableIterator<M[K]>
  events<P extends EventPattern<M>>(
    pattern: P,
    options?: ReadOptions,
  ): AsyncIterableIterator<NamedEvent<M, MatchedEvent<M, P>>>
  /** The next event that fits. Listens before it returns, and stops listening however it ends. */
  waitFor<K extends keyof M & string>(type: K, options?: WaitOptions<M[K]>): Promise<M[K]>
  stats(): Readonly<Partial<Record<keyof M & string, EventStats>>>
}
export const EventBus: Token<EventBus> = token('EventBus')
