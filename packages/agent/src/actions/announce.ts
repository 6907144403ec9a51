import type { ActionCall, CallOutcome } from '@covent/core'
import type { Run } from '../turn/run.ts'

const eventOf = (run: Run, call: ActionCall) => ({
  callId: call.id,
  turnId: run.turn.id,
  ...(run.turn.conversationId !== undefined && { conversationId: run.turn.conversationId }),
  principalId: run.turn.principalId,
  plugin: call.plugin,
  action: call.action,
})

const named = (call: ActionCall) =>
  ({ kind: 'action', id: call.id, plugin: call.plugin, action: call.action }) as const

/** Tells that a call begins. */
export const announceStart = (run: Run, call: ActionCall): void => {
  run.emit({ ...named(call), state: 'started', input: call.input })
  run.dependencies.events.emit('agent.action.started', eventOf(run, call))
}

export const announceProgress = (run: Run, call: ActionCall, text: string): void =>
  run.emit({ ...named(call), state: 'progress', text })

/** Shows to those who read the turn how a call ended; also one that ended before the server's last start. */
export const showEnd = (run: Run, call: ActionCall, outcome: CallOutcome): void => {
  if (outcome.state === 'unknown') run.progress.unknown.add(`${call.plugin}/${call.action}`)
  if (outcome.state === 'completed') run.emit({ ...named(call), state: 'completed', output: outcome.output })
  else run.emit({ ...named(call), state: outcome.state, error: outcome.error })
}

/** Tells that a call has ended. */
export const announceEnd = (
  run: Run,
  call: ActionCall,
  ended: { readonly outcome: CallOutcome; readonly durationMs: number },
): void => {
  const { outcome, durationMs } = ended
  showEnd(run, call, outcome)
  const { events, metrics } = run.dependencies
  metrics.count('actions_total', 1, { state: outcome.state })
  metrics.observe('action_duration_ms', durationMs)
  if (outcome.state === 'completed')
    events.emit('agent.action.completed', { ...eventOf(run, call), durationMs })
  else events.emit('agent.action.failed', { ...eventOf(run, call), durationMs, error: outcome.error })
}
