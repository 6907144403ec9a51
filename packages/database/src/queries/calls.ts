import { type Kysely, sql } from 'kysely'
import type { CallRow, Schema } from '../schema.ts'
import { columnsOf, query } from './query.ts'

const columns = [
  'id',
  'turn_id',
  'step',
  'position',
  'said',
  'plugin',
  'action',
  'tool',
  'tool_call_id',
  'effect',
  'input',
  'state',
  'output',
  'error_code',
  'error_message',
  'started_at',
  'ended_at',
] as const

export type CallEnd = Pick<CallRow, 'id' | 'state' | 'output' | 'error_code' | 'error_message' | 'ended_at'>

export const callQueries = (db: Kysely<Schema>) => ({
  start: query((p: CallRow) => db.insertInto('calls').values(columnsOf(p, columns))),
  end: query((p: CallEnd) =>
    db
      .updateTable('calls')
      .set(columnsOf(p, ['state', 'output', 'error_code', 'error_message', 'ended_at']))
      .where('id', '=', p.id)
      .where('state', '=', sql.lit('started')),
  ),
  ofTurn: query((p: { readonly turn_id: string }) =>
    db
      .selectFrom('calls')
      .select(columns)
      .where('turn_id', '=', p.turn_id)
      .orderBy('step')
      .orderBy('position'),
  ),
})
