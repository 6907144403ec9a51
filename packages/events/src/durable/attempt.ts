import {
  AppError,
  type ClaimedEvent,
  type Clock,
  type DurableEvent,
  type DurableHandler,
  type DurableName,
  type EventOutcome,
  eventSchemas,
  type Logger,
  type Stores,
  type UnitOfWork,
} from '@covent/core'
import { pauseAfter } from './pause.ts'

export interface AttemptServices {
  readonly outbox: Pick<Stores['outbox'], 'settle'>
  readonly unitOfWork: UnitOfWork
  readonly clock: Clock
  readonly logger: Logger
}

export interface AttemptRules {
  /** The process that claims. */
  readonly owner: string
  readonly types: ReadonlySet<string>
  readonly handler: DurableHandler
  /** How long an event that is not understood here rests before it is tried again. */
  readonly parkMs: number
  /** The pause after a failed attempt. */
  readonly pauseMs?: ((attempt: number) => number) | undefined
}

/** How an event left this hand; `stale` when it had been in another already. */
export type Ending = EventOutcome['kind'] | 'stale'

const defaultAttempts = 10
const defaultTimeoutMs = 10_000
const errorCharacters = 500

/** For dead letters: the code where there is one, and what was said. */
const textOf = (error: unknown): string => {
  const { name, message } = error as Error
  const text = AppError.is(error) ? `${error.code}: ${message}` : `${name}: ${message}`
  return text.slice(0, errorCharacters)
}

class Stale extends Error {}

/** The event as its handler gets it, or why this version cannot read it. */
const understood = (claimed: ClaimedEvent, { types }: AttemptRules): DurableEvent | string => {
  const { id, type, createdAt, attempt } = claimed
  if (!types.has(type)) return `no handler for ${type} in this version`
  const parsed = eventSchemas[type as DurableName].safeParse(claimed.payload)
  if (!parsed.success) return `not a payload of ${type} in this version`
  return { id, type: type as DurableName, payload: parsed.data, createdAt, attempt }
}

const late = (timeoutMs: number): Error => new DOMException(`not done within ${timeoutMs} ms`, 'TimeoutError')

/** Does what is outside of the database, and waits no longer than it may take. */
const act = async (event: DurableEvent, { handler, clock, stopping }: ActOptions): Promise<void> => {
  if (handler.act === undefined) return
  const { timeoutMs = defaultTimeoutMs } = handler
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, stopping])
  const acted = handler.act(event, signal)
  const timer = new AbortController()
  const timeUp = clock.sleep(timeoutMs, timer.signal).then(
    () => {
      over.abort(late(timeoutMs))
      throw late(timeoutMs)
    },
    () => undefined, // it was done before
  )
  try {
    await Promise.race([acted, timeUp.then(() => acted)])
  } finally {
    timer.abort()
  }
}

interface ActOptions {
  readonly handler: DurableHandler
  readonly clock: Clock
  readonly stopping: AbortSignal
}

/** Ends the event and writes its effect, both or neither. */
const commit = (claimed: ClaimedEvent, event: DurableEvent, { unitOfWork, handler }: CommitOptions) =>
  unitOfWork.run(async (stores) => {
    // The end first: where the event is in another hand by now, nothing is written at all.
    await stores.outbox.settle(claimed, { kind: 'done' }).catch((cause: unknown) => {
      throw AppError.is(cause, 'database.conflict') ? new Stale('in another hand', { cause }) : cause
    })
    await handler.commit?.(event, stores)
  })

interface CommitOptions {
  readonly unitOfWork: UnitOfWork
  readonly handler: DurableHandler
}

const outcomeOf = (error: unknown, { attempt }: ClaimedEvent, rules: AttemptRules): EventOutcome => {
  // Storage that is away is nobody's failed attempt.
  if (AppError.is(error, 'database.unavailable')) return { kind: 'released' }
  const { attempts = defaultAttempts } = rules.handler
  if (attempt >= attempts) return { kind: 'dead', error: textOf(error) }
  return { kind: 'retry', pauseMs: (rules.pauseMs ?? pauseAfter)(attempt), error: textOf(error) }
}

/** Makes what deals with one event in hand, once, and tells how that ended. It never rejects. */
export const attempts = (services: AttemptServices, rules: AttemptRules) => {
  const { outbox, unitOfWork, clock, logger } = services
  const { handler } = rules

  const settle = async (claimed: ClaimedEvent, outcome: EventOutcome): Promise<Ending> => {
    try {
      await outbox.settle(claimed, outcome)
      return outcome.kind
    } catch {
      return 'stale' // or the storage is away: then its lease ends, and it is claimed anew
    }
  }
  const fail = (claimed: ClaimedEvent, error: unknown): Promise<Ending> => {
    const outcome = outcomeOf(error, claimed, rules)
    const { id, type, consumer, attempt } = claimed
    const fields = { consumer, type, event: id, attempt, error }
    if (outcome.kind === 'dead') logger.error('a durable event failed for good', fields)
    else logger.warn('a durable event failed', fields)
    return settle(claimed, outcome)
  }
  return {
    settle,
    /** Ends a whole claim with all its effects in one commit; false where each must be dealt with by itself. */
    async dealTogether(claimed: readonly ClaimedEvent[]): Promise<boolean> {
      const [first] = claimed
      if (first === undefined || claimed.length < 2 || handler.act !== undefined) return false
      const events = claimed.map((one) => understood(one, rules)).filter((one) => typeof one !== 'string')
      if (events.length < claimed.length) return false
      const { consumer, fence } = first
      try {
        await unitOfWork.run(async (stores) => {
          await stores.outbox.finish({ consumer, fence, owner: rules.owner, count: claimed.length })
          for (const event of events) await handler.commit?.(event, stores)
        })
        return true
      } catch {
        return false // whose failure it is, and why, shows when each is dealt with by itself
      }
    },
    async deal(claimed: ClaimedEvent, stopping: AbortSignal): Promise<Ending> {
      const event = understood(claimed, rules)
      if (typeof event === 'string')
        return settle(claimed, { kind: 'parked', pauseMs: rules.parkMs, error: event })
      try {
        await act(event, { handler, clock, stopping })
        await commit(claimed, event, { unitOfWork, handler })
        return 'done'
      } catch (error) {
        if (error instanceof Stale) return 'stale'
        return stopping.aborted ? settle(claimed, { kind: 'released' }) : fail(claimed, error)
      }
    },
  }
}
