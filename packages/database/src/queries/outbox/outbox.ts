import { type ExpressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import type { OutboxRow, Schema } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { query } from '../query.ts'
import { claimQueries, columns } from './claims.ts'

export type NewOutboxRow = Pick<OutboxRow, 'event_id' | 'type' | 'key' | 'payload' | 'created_at'>
export type Hold = Pick<OutboxRow, 'consumer' | 'event_id' | 'fence'>
export interface Settlement extends Hold {
  readonly state: OutboxRow['state']
  readonly pause_ms: number
  /** 1 for an attempt that does not count. */
  readonly uncounted: number
  readonly error: string | null
}

const dead = sql.lit('dead' as const)
const open = sql.lit('open' as const)

const whereState = (state: OutboxRow['state'], value: RawBuilder<unknown> = sql.lit(1)) =>
  sql<number>`case when state = ${sql.lit(state)} then ${value} end`

const inHand = (eb: ExpressionBuilder<Schema, 'outbox'>, p: Hold) =>
  eb.and([
    eb('consumer', '=', p.consumer),
    eb('event_id', '=', p.event_id),
    eb('fence', '=', p.fence),
    eb('owner', 'is not', null),
  ])

const deadLetterQueries = (db: Kysely<Schema>, { nowMs }: Engine) => {
  const reopened = { state: open, attempts: sql.lit(0), due_at: nowMs, error: sql.lit(null) } as const
  return {
    /** Of all consumers, where the name is empty. */
    dead: query((p: { readonly consumer: string; readonly after: number; readonly limit: number }) =>
      db
        .selectFrom('outbox')
        .select(columns)
        .where('state', '=', dead)
        .where('seq', '>', p.after)
        .where(({ or, eb }) => or([eb('consumer', '=', p.consumer), eb(sql.lit(''), '=', p.consumer)]))
        .orderBy('seq')
        .limit(p.limit),
    ),
    redrive: query((p: { readonly consumer: string; readonly event_id: string }) =>
      db
        .updateTable('outbox')
        .set(reopened)
        .where('consumer', '=', p.consumer)
        .where('event_id', '=', p.event_id)
        .where('state', '=', dead),
    ),
    redriveAll: query((p: { readonly consumer: string }) =>
      db.updateTable('outbox').set(reopened).where('consumer', '=', p.consumer).where('state', '=', dead),
    ),
  }
}

const appendQueries = (db: Kysely<Schema>, { nowMs }: Engine) => ({
  append: query((p: NewOutboxRow) =>
    db
      .insertInto('outbox')
      .columns([
        'consumer',
        'event_id',
        'type',
        'key',
        'payload',
        'created_at',
        'due_at',
        'state',
        'attempts',
        'fence',
      ])
      .expression(({ selectFrom }) =>
        selectFrom('outbox_subscriptions')
          .select([
            'consumer',
            sql<string>`cast(${p.event_id} as text)`.as('event_id'),
            'type',
            sql<string>`cast(${p.key} as text)`.as('key'),
            sql<string>`cast(${p.payload} as text)`.as('payload'),
            sql<number>`cast(${p.created_at} as bigint)`.as('created_at'),
            nowMs.as('due_at'),
            open.as('state'),
            sql.lit(0).as('attempts'),
            sql.lit(0).as('fence'),
          ])
          .where('type', '=', p.type),
      )
      .onConflict((conflict) => conflict.columns(['consumer', 'event_id']).doNothing())
      .returning('consumer'),
  ),
})

const consumerQueries = (db: Kysely<Schema>) => ({
  enlist: query((p: { readonly consumer: string }) =>
    db
      .insertInto('outbox_consumers')
      .values({ name: p.consumer, fence: sql.lit(0) })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  ),
  subscribe: query((p: { readonly consumer: string; readonly type: string }) =>
    db
      .insertInto('outbox_subscriptions')
      .values({ consumer: p.consumer, type: p.type })
      .onConflict((conflict) => conflict.columns(['type', 'consumer']).doNothing()),
  ),
  unsubscribe: query((p: { readonly consumer: string }) =>
    db.deleteFrom('outbox_subscriptions').where('consumer', '=', p.consumer),
  ),
  delist: query((p: { readonly consumer: string }) =>
    db.deleteFrom('outbox_consumers').where('name', '=', p.consumer),
  ),
  clear: query((p: { readonly consumer: string }) =>
    db.deleteFrom('outbox').where('consumer', '=', p.consumer),
  ),
})

export const outboxQueries = (db: Kysely<Schema>, engine: Engine) => ({
  ...appendQueries(db, engine),
  ...claimQueries(db, engine),
  ...deadLetterQueries(db, engine),
  ...consumerQueries(db),
  done: query((p: Hold) => db.deleteFrom('outbox').where((eb) => inHand(eb as never, p))),
  settle: query((p: Settlement) =>
    db
      .updateTable('outbox')
      .set(({ eb }) => ({
        state: p.state,
        due_at: sql<number>`${engine.nowMs} + ${p.pause_ms}`,
        attempts: eb('attempts', '-', p.uncounted),
        error: p.error,
        owner: sql.lit(null),
      }))
      .where((eb) => inHand(eb as never, p)),
  ),
  depths: query(() =>
    db
      .selectFrom('outbox')
      .select(({ fn }) => [
        'consumer',
        fn.count<number>(whereState('open')).as('open'),
        fn.count<number>(whereState('parked')).as('parked'),
        fn.count<number>(whereState('dead')).as('dead'),
        fn.min<number | null>(whereState('open', sql.ref('created_at'))).as('oldest_at'),
      ])
      .groupBy('consumer')
      .orderBy('consumer'),
  ),
})
export type OutboxQueries = ReturnType<typeof outboxQueries>
