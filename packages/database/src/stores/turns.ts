import { DatabaseError, type Turn, type TurnState, type TurnStore } from '@covent/core'
import type { TurnQueries } from '../queries/turns.ts'
import type { TurnRow } from '../schema.ts'
import type { Session } from '../session.ts'
import { fromCallRow, toCallEnd, toCallRow } from './calls.ts'
import { fromErrorColumns, toErrorColumns } from './columns/error-columns.ts'

const optional = <K extends keyof Turn>(key: K, value: Turn[K] | null): Partial<Pick<Turn, K>> =>
  value === null ? {} : ({ [key]: value } as unknown as Pick<Turn, K>)

const fromRow = (row: TurnRow): Turn => ({
  id: row.id,
  principalId: row.principal_id,
  character: row.character,
  model: row.model,
  state: row.state as TurnState,
  createdAt: row.created_at,
  ...optional('conversationId', row.conversation_id),
  ...optional('messageId', row.message_id),
  ...optional('idempotencyKey', row.idempotency_key),
  ...optional('bodyHash', row.body_hash),
  ...optional('endedAt', row.ended_at),
  ...optional('replyId', row.reply_id),
  ...fromErrorColumns(row),
})

const toRow = (turn: Turn): TurnRow => ({
  id: turn.id,
  conversation_id: turn.conversationId ?? null,
  principal_id: turn.principalId,
  character: turn.character,
  model: turn.model,
  message_id: turn.messageId ?? null,
  idempotency_key: turn.idempotencyKey ?? null,
  body_hash: turn.bodyHash ?? null,
  state: turn.state,
  created_at: turn.createdAt,
  ended_at: turn.endedAt ?? null,
  reply_id: turn.replyId ?? null,
  ...toErrorColumns(turn.error),
})

const ended = (id: string): DatabaseError =>
  new DatabaseError('database.conflict', `Turn ${id} has ended already, or its conversation was deleted`)

export const turnStore = (session: Session, queries: TurnQueries): TurnStore => ({
  async accept(turn) {
    await session.run(queries.accept, toRow(turn))
  },
  async find(id) {
    const row = await session.get(queries.find, { id })
    return row && fromRow(row)
  },
  async findByKey(conversationId, idempotencyKey) {
    const key = { conversation_id: conversationId, idempotency_key: idempotencyKey }
    const row = await session.get(queries.findByKey, key)
    return row && fromRow(row)
  },
  unfinished: async () => (await session.all(queries.unfinished, {})).map(fromRow),
  async end(id, { state, endedAt, replyId, error }) {
    const end = { id, state, ended_at: endedAt, reply_id: replyId ?? null, ...toErrorColumns(error) }
    if ((await session.run(queries.end, end)) === 0) throw ended(id)
  },
  startCalls: (calls) =>
    session.atomically(async (unit) => {
      for (const call of calls) await unit.run(queries.calls.start, toCallRow(call))
    }),
  async endCall(id, outcome, endedAt) {
    await session.run(queries.calls.end, toCallEnd(id, outcome, endedAt))
  },
  calls: async (turnId) => (await session.all(queries.calls.ofTurn, { turn_id: turnId })).map(fromCallRow),
})
