import { type Kysely, sql } from 'kysely'
import type { CallRow, Schema } from '../../schema.ts'
import { columnsOf, query } from '../query.ts'

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

export interface CallEnd extends Pick<
  CallRow,
  'id' | 'turn_id' | 'state' | 'output' | 'error_code' | 'error_message' | 'ended_at'
> {
  readonly fence: number
}

export const callQueries = (db: Kysely<Schema>) => ({
  start: query((p: CallRow) => db.insertInto('calls').values(columnsOf(p, columns))),
  end: query((p: CallEnd) =>
    db
      .updateTable('calls')
      .set(columnsOf(p, ['state', 'output', 'error_code', 'error_message', 'ended_at']))
      .where('id', '=', p.id)
      .where('state', '=', sql.lit('started'))
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('turns')
            .select('turns.seq')
            .where('turns.id', '=', p.turn_id)
            .where('turns.fence', '=', p.fence),
        ),
      ),
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
