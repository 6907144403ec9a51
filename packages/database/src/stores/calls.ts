import type { ActionCall, ActionEffect, CallEnd as End, CallState, TurnHold } from '@covent/core'
import type { CallEnd } from '../queries/turns/calls.ts'
import type { CallRow } from '../schema.ts'
import { fromErrorColumns, toErrorColumns } from './columns/error-columns.ts'
import { fromJson, toOptionalJson } from './columns/json.ts'

export const fromCallRow = (row: CallRow): ActionCall => ({
  id: row.id,
  turnId: row.turn_id,
  step: row.step,
  position: row.position,
  said: row.said,
  plugin: row.plugin,
  action: row.action,
  tool: row.tool,
  toolCallId: row.tool_call_id,
  effect: row.effect as ActionEffect,
  input: fromJson(row.input),
  state: row.state as CallState,
  startedAt: row.started_at,
  ...(row.output !== null && { output: fromJson(row.output) }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...fromErrorColumns(row),
})

export const toCallRow = (call: ActionCall): CallRow => ({
  id: call.id,
  turn_id: call.turnId,
  step: call.step,
  position: call.position,
  said: call.said,
  plugin: call.plugin,
  action: call.action,
  tool: call.tool,
  tool_call_id: call.toolCallId,
  effect: call.effect,
  input: toOptionalJson(call.input),
  state: call.state,
  output: toOptionalJson(call.output),
  started_at: call.startedAt,
  ended_at: call.endedAt ?? null,
  ...toErrorColumns(call.error),
})

export const toCallEnd = (hold: TurnHold, id: string, { outcome, endedAt }: End): CallEnd => ({
  id,
  turn_id: hold.id,
  fence: hold.fence,
  state: outcome.state,
  output: outcome.state === 'completed' ? toOptionalJson(outcome.output) : null,
  ended_at: endedAt,
  ...toErrorColumns(outcome.state === 'completed' ? undefined : outcome.error),
})
