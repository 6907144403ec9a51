import { DatabaseError, type Turn, type TurnLease, type TurnState, type TurnStore } from '@covent/core'
import type { Lease, TurnColumns } from '../queries/turns/turn-holds.ts'
import type { TurnQueries } from '../queries/turns/turns.ts'
import type { Session } from '../session.ts'
import { fromCallRow, toCallEnd, toCallRow } from './calls.ts'
import { fromErrorColumns, toErrorColumns } from './columns/error-columns.ts'

const optional = <K extends keyof Turn>(key: K, value: Turn[K] | null): Partial<Pick<Turn, K>> =>
  value === null ? {} : ({ [key]: value } as unknown as Pick<Turn, K>)

const fromRow = (row: TurnColumns): Turn => ({
  id: row.id,
  principalId: row.principal_id,
  character: row.character,
  model: row.model,
  state: row.state as TurnState,
  owner: row.owner,
  fence: row.fence,
  createdAt: row.created_at,
  ...optional('conversationId', row.conversation_id),
  ...optional('messageId', row.message_id),
  ...optional('idempotencyKey', row.idempotency_key),
  ...optional('bodyHash', row.body_hash),
  ...optional('endedAt', row.ended_at),
  ...optional('replyId', row.reply_id),
  ...fromErrorColumns(row),
})

const toRow = (turn: Turn): TurnColumns => ({
  id: turn.id,
  conversation_id: turn.conversationId ?? null,
  principal_id: turn.principalId,
  character: turn.character,
  model: turn.model,
  message_id: turn.messageId ?? null,
  idempotency_key: turn.idempotencyKey ?? null,
  body_hash: turn.bodyHash ?? null,
  state: turn.state,
  owner: turn.owner,
  fence: turn.fence,
  created_at: turn.createdAt,
  ended_at: turn.endedAt ?? null,
  reply_id: turn.replyId ?? null,
  ...toErrorColumns(turn.error),
})

const ended = (id: string): DatabaseError =>
  new DatabaseError(
    'database.conflict',
    `Turn ${id} has ended already, was taken over, or its conversation was deleted`,
  )

const toLease = ({ owner, leaseMs }: TurnLease): Lease => ({ owner, lease_ms: leaseMs })

type Holds = Pick<TurnStore, 'accept' | 'lapsed' | 'takeOver' | 'renew' | 'release'>

const holds = (session: Session, queries: TurnQueries): Holds => ({
  accept: (turn, leaseMs) =>
    session.atomically(async (unit) => {
      if (turn.conversationId !== undefined) await unit.get(queries.conversation, { id: turn.conversationId })
      await unit.run(queries.accept, { ...toRow(turn), lease_ms: leaseMs })
    }),
  lapsed: async () => (await session.all(queries.lapsed, {})).map(fromRow),
  takeOver: ({ id, fence }, lease) =>
    session.atomically(async (unit) => {
      const row = await unit.get(queries.takeOver, { id, fence, ...toLease(lease) })
      return row && fromRow(row)
    }),
  renew: (lease) =>
    session.atomically(async (unit) => (await unit.all(queries.renew, toLease(lease))).map(({ id }) => id)),
  async release({ id, fence }) {
    await session.run(queries.release, { id, fence })
  },
})

export const turnStore = (session: Session, queries: TurnQueries): TurnStore => ({
  ...holds(session, queries),
  async find(id) {
    const row = await session.get(queries.find, { id })
    return row && fromRow(row)
  },
  async findByKey(conversationId, idempotencyKey) {
    const key = { conversation_id: conversationId, idempotency_key: idempotencyKey }
    const row = await session.get(queries.findByKey, key)
    return row && fromRow(row)
  },
  async next(conversationId, turnId) {
    const place = { conversation_id: conversationId }
    const row = await (turnId === undefined
      ? session.get(queries.first, place)
      : session.get(queries.next, { ...place, id: turnId }))
    return row && fromRow(row)
  },
  async last(conversationId) {
    const row = await session.get(queries.last, { conversation_id: conversationId })
    return row && fromRow(row)
  },
  async firstOpen(conversationId) {
    const row = await session.get(queries.firstOpen, { conversation_id: conversationId })
    return row && fromRow(row)
  },
  async end({ id, fence }, { state, endedAt, replyId, error }) {
    const end = { id, fence, state, ended_at: endedAt, reply_id: replyId ?? null, ...toErrorColumns(error) }
    if ((await session.run(queries.end, end)) === 0) throw ended(id)
  },
  startCalls: ({ id, fence }, calls) =>
    session.atomically(async (unit) => {
      if ((await unit.run(queries.confirm, { id, fence })) === 0) throw ended(id)
      for (const call of calls) await unit.run(queries.calls.start, toCallRow(call))
    }),
  async endCall(hold, callId, end) {
    await session.run(queries.calls.end, toCallEnd(hold, callId, end))
  },
  calls: async (turnId) => (await session.all(queries.calls.ofTurn, { turn_id: turnId })).map(fromCallRow),
})
