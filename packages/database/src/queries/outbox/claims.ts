import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { OutboxRow, Schema } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { query } from '../query.ts'

export const columns = [
  'seq',
  'consumer',
  'event_id',
  'type',
  'key',
  'payload',
  'created_at',
  'due_at',
  'attempts',
  'fence',
  'error',
] as const

export type ReadOutboxRow = Pick<OutboxRow, Exclude<(typeof columns)[number], 'seq'>> & {
  readonly seq: number
}
export interface Lease {
  readonly consumer: string
  readonly owner: string
  readonly lease_ms: number
}
export interface Claim extends Lease {
  readonly fence: number
  readonly limit: number
}

const dead = sql.lit('dead' as const)

/** Oldest rows of a consumer among which a claim chooses, so that a long queue costs each claim no more than a short one. */
const reach = sql.lit(2_000)

/** Rows that are due and that no earlier one of their key holds up. */
const claimableOf = (
  { db, nowMs }: { readonly db: Kysely<Schema>; readonly nowMs: RawBuilder<number> },
  consumer: string,
) =>
  db
    .selectFrom(
      db
        .selectFrom('outbox')
        .select(['seq', 'key', 'due_at'])
        .where('consumer', '=', consumer)
        .where('state', '!=', dead)
        .orderBy('seq')
        .limit(reach)
        .as('near'),
    )
    .select('near.seq')
    .where('near.due_at', '<=', nowMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('outbox as earlier')
            .select('earlier.seq')
            .where('earlier.consumer', '=', consumer)
            .whereRef('earlier.key', '=', 'near.key')
            .whereRef('earlier.seq', '<', 'near.seq')
            .where('earlier.state', '!=', dead)
            .where('earlier.due_at', '>', nowMs),
        ),
      ),
    )
    .orderBy('near.seq')

export const claimQueries = (db: Kysely<Schema>, { nowMs }: Engine) => {
  const claimable = (consumer: string) => claimableOf({ db, nowMs }, consumer)
  return {
    /** The number of a claim; claims of one consumer come one after another by it. */
    number: query((p: { readonly consumer: string }) =>
      db
        .updateTable('outbox_consumers')
        .set(({ eb }) => ({ fence: eb('fence', '+', sql.lit(1)) }))
        .where('name', '=', p.consumer)
        .returning('fence'),
    ),
    claim: query((p: Claim) =>
      db
        .updateTable('outbox')
        .set(({ eb }) => ({
          due_at: sql<number>`${nowMs} + ${p.lease_ms}`,
          owner: p.owner,
          fence: p.fence,
          attempts: eb('attempts', '+', sql.lit(1)),
        }))
        .where('seq', 'in', claimable(p.consumer).limit(p.limit))
        .where('due_at', '<=', nowMs)
        .returning(columns),
    ),
    finish: query((p: Pick<Claim, 'consumer' | 'owner' | 'fence'>) =>
      db
        .deleteFrom('outbox')
        .where('owner', '=', p.owner)
        .where('consumer', '=', p.consumer)
        .where('fence', '=', p.fence),
    ),
    isDue: query((p: { readonly consumer: string }) => claimable(p.consumer).limit(sql.lit(1))),
    renew: query((p: Lease) =>
      db
        .updateTable('outbox')
        .set({ due_at: sql<number>`${nowMs} + ${p.lease_ms}` })
        .where('owner', '=', p.owner)
        .where('consumer', '=', p.consumer),
    ),
  }
}
