import type { ClaimedEvent, Clock, ConsumerStats, Metrics, Stores } from '@covent/core'
import { type AttemptRules, attempts, type AttemptServices, type Ending } from './attempt.ts'
import { type Lanes, lanes } from './lanes.ts'

export interface ConsumerServices extends AttemptServices {
  readonly outbox: Stores['outbox']
  readonly metrics: Metrics
  readonly clock: Clock
}

export interface ConsumerRules extends AttemptRules {
  readonly name: string
  readonly leaseMs: number
}

export interface Consumer {
  readonly name: string
  /** Looks for events that are due. */
  wake(): void
  hasRoom(): boolean
  /** Keeps what is in hand. */
  renew(): Promise<void>
  stats(): ConsumerStats
  /** Ends what is in hand; what takes longer than the grace is aborted. */
  stop(graceMs: number): Promise<void>
}

const defaultConcurrency = 16

const counters = ({ metrics, clock }: ConsumerServices, consumer: string) => {
  const counts = { handled: 0, failed: 0, stale: 0, dead: 0, parked: 0, lagMs: 0 }
  const labels = {
    done: Object.freeze({ consumer, ending: 'done' }),
    retry: Object.freeze({ consumer, ending: 'retry' }),
    parked: Object.freeze({ consumer, ending: 'parked' }),
    released: Object.freeze({ consumer, ending: 'released' }),
    dead: Object.freeze({ consumer, ending: 'dead' }),
    stale: Object.freeze({ consumer, ending: 'stale' }),
  } satisfies Record<Ending, object>
  return {
    counts,
    count(ending: Ending, { createdAt }: ClaimedEvent, startedAtMs: number): void {
      metrics.count('durable_events_total', 1, labels[ending])
      metrics.observe('durable_event_handler_ms', clock.monotonic() - startedAtMs, labels[ending])
      if (ending === 'retry' || ending === 'dead') counts.failed++
      if (ending === 'dead' || ending === 'parked' || ending === 'stale') counts[ending]++
      if (ending !== 'done') return
      counts.handled++
      counts.lagMs = Math.max(0, clock.now() - createdAt)
      metrics.observe('durable_event_lag_ms', counts.lagMs, labels.done)
    },
  }
}

interface PumpTarget {
  readonly hand: Pick<Lanes, 'size'>
  readonly capacity: number
  take(events: readonly ClaimedEvent[]): Promise<void>
}

/** Claims again and again, as long as it is asked to and there is room; one claim at a time. */
const pump = (
  { outbox, logger }: ConsumerServices,
  { name, owner, leaseMs }: ConsumerRules,
  { hand, capacity, take }: PumpTarget,
) => {
  const closing = new AbortController()
  const state = { isWanted: false }
  let pumping: Promise<void> | undefined

  const claim = async (): Promise<void> => {
    if (!(await outbox.isDue(name))) return
    const limit = capacity - hand.size
    const events = await outbox.claim(name, { owner, limit, leaseMs })
    await take(events)
    if (events.length === limit) state.isWanted = true
  }
  const work = async (): Promise<void> => {
    try {
      while (state.isWanted && !closing.signal.aborted && hand.size < capacity) {
        state.isWanted = false
        await claim()
      }
    } catch (error) {
      logger.warn('durable events cannot be claimed', { consumer: name, error })
    }
    pumping = undefined
  }
  return {
    wake(): void {
      state.isWanted = true
      // Where there is no room it is called again when there is.
      if (!closing.signal.aborted && hand.size < capacity) pumping ??= work()
    },
    async close(): Promise<void> {
      closing.abort()
      await pumping
    },
  }
}

/** One consumer in this process: claims what is due as far as it has room, and works on it. */
export const consumer = (services: ConsumerServices, rules: ConsumerRules): Consumer => {
  const { outbox, clock } = services
  const { name, owner, leaseMs, handler } = rules
  const concurrency = handler.concurrency ?? defaultConcurrency
  const capacity = concurrency * 4
  const { deal, dealTogether, settle } = attempts(services, rules)
  const { counts, count } = counters(services, name)
  const stopping = new AbortController()

  const work = async (event: ClaimedEvent): Promise<boolean> => {
    const startedAtMs = clock.monotonic()
    const ending = await deal(event, stopping.signal)
    count(ending, event, startedAtMs)
    return ending === 'done' || ending === 'dead'
  }
  const release = async (event: ClaimedEvent): Promise<void> =>
    void (await settle(event, { kind: 'released' }))
  const hand = lanes({ concurrency, work, release, ended: () => claims.wake() })
  let together = 0
  const inHand = (): number => hand.size + together
  /** Ends all at once where that goes, which saves commits. */
  const take = async (events: readonly ClaimedEvent[]): Promise<void> => {
    const startedAtMs = clock.monotonic()
    together = events.length
    const isDone = await dealTogether(events)
    together = 0
    if (!isDone) return hand.add(events)
    for (const event of events) count('done', event, startedAtMs)
  }
  const claims = pump(services, rules, { hand, capacity, take })
  return {
    name,
    wake: claims.wake,
    hasRoom: () => hand.size < capacity,
    async renew() {
      if (inHand() > 0) await outbox.renew(name, { owner, leaseMs })
    },
    stats: () => ({ ...counts, inHand: inHand() }),
    async stop(graceMs) {
      await claims.close()
      const over = new AbortController()
      const late = clock.sleep(graceMs, over.signal).then(
        () => stopping.abort(new DOMException('the server stops', 'AbortError')),
        () => undefined, // all was done before
      )
      await hand.close()
      over.abort()
      await late
    },
  }
}
