import { type ActionCall, type CallOutcome, type ErrorRecord, type ModelMessage } from '@covent/core'

/** Codes of a plugin's end that leave open whether an action took effect. */
const openEnded = new Set(['plugin.outcome-unknown', 'plugin.timeout', 'plugin.crashed', 'plugin.protocol'])

/** What an error says of an action that was under way: one that may have changed something has not simply failed. */
export const failureOf = (call: Pick<ActionCall, 'effect' | 'action'>, error: ErrorRecord): CallOutcome => {
  if (call.effect === 'read' || !openEnded.has(error.code)) return { state: 'failed', error }
  const message = `${error.message} Whether ${call.action} took effect is not known.`
  return { state: 'unknown', error: { code: error.code, message } }
}

/** The outcome of an action that was running when its turn was broken off. */
export const interrupted = (call: Pick<ActionCall, 'plugin' | 'action'>): CallOutcome => ({
  state: 'unknown',
  error: {
    code: 'plugin.outcome-unknown',
    message: `The turn was interrupted while ${call.plugin}/${call.action} ran: whether it took effect is not known.`,
  },
})

/** What the model is told of a call. */
export const resultMessage = (
  call: Pick<ActionCall, 'toolCallId' | 'tool'>,
  outcome: CallOutcome,
): ModelMessage => {
  const named = { role: 'action', callId: call.toolCallId, name: call.tool } as const
  if (outcome.state === 'completed') return { ...named, output: outcome.output }
  return { ...named, output: `${outcome.error.code}: ${outcome.error.message}`, isError: true }
}

/** The outcome of a call that has ended; undefined for one that has not. */
export const outcomeOf = (call: ActionCall): CallOutcome | undefined => {
  if (call.state === 'started') return undefined
  if (call.state === 'completed') return { state: 'completed', output: call.output }
  const error = call.error ?? { code: 'plugin.action-failed', message: 'The action failed.' }
  return { state: call.state, error }
}
