import {
  type ClaimedEvent,
  type ConsumerDepth,
  DatabaseError,
  type DeadLetter,
  type EventOutcome,
  type NewDurableEvent,
  type OutboxStore,
} from '@covent/core'
import type { ReadOutboxRow } from '../../queries/outbox/claims.ts'
import type { Hold, OutboxQueries, Settlement } from '../../queries/outbox/outbox.ts'
import type { Session } from '../../session.ts'
import { fromJson, toJson } from '../columns/json.ts'
import type { OutboxNews } from './outbox-news.ts'
import { cursorRefused, toPage } from '../page.ts'

const eventOf = (row: ReadOutboxRow): NewDurableEvent & { readonly consumer: string } => ({
  consumer: row.consumer,
  id: row.event_id,
  type: row.type,
  key: row.key,
  payload: fromJson(row.payload),
  createdAt: row.created_at,
})

const claimedOf = (row: ReadOutboxRow): ClaimedEvent => ({
  ...eventOf(row),
  fence: row.fence,
  attempt: row.attempts,
})

const deadOf = (row: ReadOutboxRow): DeadLetter => ({
  ...eventOf(row),
  attempts: row.attempts,
  error: row.error ?? '',
  diedAt: row.due_at,
})

const stale = (id: string): DatabaseError =>
  new DatabaseError('database.conflict', `Event ${id} is not in this hand any more: another has taken it`)

type Kept = Exclude<EventOutcome, { readonly kind: 'done' }>

const stateAfter = { retry: 'open', parked: 'parked', released: 'open', dead: 'dead' } as const

const settlementOf = (hold: Hold, outcome: Kept): Settlement => ({
  ...hold,
  state: stateAfter[outcome.kind],
  pause_ms: 'pauseMs' in outcome ? outcome.pauseMs : 0,
  uncounted: outcome.kind === 'parked' || outcome.kind === 'released' ? 1 : 0,
  error: 'error' in outcome ? outcome.error : null,
})

const depthOf = ({
  oldest_at,
  ...depth
}: Omit<ConsumerDepth, 'oldestAt'> & { oldest_at: number | null }): ConsumerDepth => ({
  ...depth,
  ...(oldest_at !== null && { oldestAt: oldest_at }),
})

const seqOf = (cursor: string | undefined): number => {
  const seq = cursor === undefined ? 0 : Number(cursor)
  if (!Number.isSafeInteger(seq) || seq < 0) throw cursorRefused()
  return seq
}

const holding = (
  session: Session,
  queries: OutboxQueries,
): Pick<OutboxStore, 'claim' | 'isDue' | 'renew' | 'settle' | 'finish'> => ({
  claim: (consumer, { owner, limit, leaseMs }) =>
    session.atomically(async (unit) => {
      const numbered = await unit.get(queries.number, { consumer })
      if (numbered === undefined) return []
      const { fence } = numbered
      const rows = await unit.all(queries.claim, { consumer, owner, limit, lease_ms: leaseMs, fence })
      return rows.toSorted((a, b) => a.seq - b.seq).map(claimedOf)
    }),
  isDue: async (consumer) => (await session.get(queries.isDue, { consumer })) !== undefined,
  renew: async (consumer, { owner, leaseMs }) =>
    session.run(queries.renew, { consumer, owner, lease_ms: leaseMs }),
  async finish({ consumer, owner, fence, count }) {
    const ended = await session.run(queries.finish, { consumer, owner, fence })
    if (ended !== count) throw stale(`of claim ${fence}`)
  },
  async settle({ id, consumer, fence }, outcome) {
    const hold = { consumer, event_id: id, fence }
    const changed =
      outcome.kind === 'done'
        ? await session.run(queries.done, hold)
        : await session.run(queries.settle, settlementOf(hold, outcome))
    if (changed === 0) throw stale(id)
  },
})

export const outboxStore = (session: Session, queries: OutboxQueries, news: OutboxNews): OutboxStore => ({
  ...holding(session, queries),
  async append({ id, type, key, payload, createdAt }) {
    const row = { event_id: id, type, key, payload: toJson(payload), created_at: createdAt }
    // Through a unit, as reads go to a connection that cannot write.
    const kept = await session.atomically(async (unit) => unit.all(queries.append, row))
    if (kept.length > 0) news.tell(kept.map(({ consumer }) => consumer))
  },
  async subscribe(consumer, types) {
    await session.atomically(async (unit) => {
      await unit.run(queries.enlist, { consumer })
      for (const type of types) await unit.run(queries.subscribe, { consumer, type })
    })
  },
  async unsubscribe(consumer) {
    await session.atomically(async (unit) => {
      for (const end of [queries.unsubscribe, queries.delist, queries.clear])
        await unit.run(end, { consumer })
    })
  },
  async dead({ limit, cursor, consumer = '' }) {
    const rows = await session.all(queries.dead, { consumer, after: seqOf(cursor), limit: limit + 1 })
    return toPage(rows, limit, { item: deadOf, cursor: ({ seq }) => String(seq) })
  },
  async redrive(consumer, id) {
    const count =
      id === undefined
        ? await session.run(queries.redriveAll, { consumer })
        : await session.run(queries.redrive, { consumer, event_id: id })
    if (count > 0) news.tell([consumer])
    return count
  },
  depths: async () => (await session.all(queries.depths, {})).map(depthOf),
  onDue: (listener) => news.onDue(listener),
})

/** Runs what appends an event, if there is one, in a unit of its own, and tells of it once that has committed. */
export type OutboxAlong = <T>(
  event: NewDurableEvent | undefined,
  run: (along?: (unit: Session) => Promise<void>) => Promise<T>,
) => Promise<T>

export const outboxAlong =
  (queries: OutboxQueries, news: OutboxNews): OutboxAlong =>
  async (event, run) => {
    if (event === undefined) return run()
    const told: string[] = []
    const keep: OutboxNews = { ...news, tell: (consumers) => void told.push(...consumers) }
    const result = await run((unit) => outboxStore(unit, queries, keep).append(event))
    if (told.length > 0) news.tell(told)
    return result
  }
