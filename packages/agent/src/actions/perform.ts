import type { ActionCall, CallOutcome, Invocation } from '@covent/core'
import { errorRecord } from '../error-record.ts'
import { insist } from '../insist.ts'
import type { Run } from '../turn/run.ts'
import { announceEnd, announceProgress, announceStart } from './announce.ts'
import { failureOf } from './outcome.ts'

const maxProgressEvents = 100
const maxProgressLength = 2000

const invocation = (run: Run, call: ActionCall): Invocation => ({
  plugin: call.plugin,
  action: call.action,
  input: call.input,
  call: {
    callId: call.id,
    turnId: run.turn.id,
    ...(run.turn.conversationId !== undefined && { conversationId: run.turn.conversationId }),
    principalId: run.turn.principalId,
    character: run.turn.character,
  },
})

/** Hands on what an action says meanwhile: no more of it than a reader could want. */
const progressOf = (run: Run, call: ActionCall): ((text: string) => void) => {
  let count = 0
  return (text) => {
    if (count++ < maxProgressEvents) announceProgress(run, call, text.slice(0, maxProgressLength))
  }
}

const invoke = async (run: Run, call: ActionCall): Promise<CallOutcome> => {
  const options = { signal: run.signal, onProgress: progressOf(run, call) }
  try {
    return {
      state: 'completed',
      output: await run.dependencies.plugins.invoke(invocation(run, call), options),
    }
  } catch (error) {
    run.signal.throwIfAborted()
    const record = errorRecord(error)
    if (record !== undefined) return failureOf(call, record)
    run.logger.error('an action ended with an unknown error', { err: error, callId: call.id })
    return failureOf(call, { code: 'plugin.action-failed', message: `${call.action} failed.` })
  }
}

/**
 * Runs a call that stands in the journal and writes its end there. An abort leaves its line open: recovery decides what
 * becomes of it.
 */
export const perform = async (run: Run, call: ActionCall): Promise<CallOutcome> => {
  const { clock, stores } = run.dependencies
  run.signal.throwIfAborted()
  announceStart(run, call)
  const startedAt = clock.monotonic()
  const outcome = await invoke(run, call)
  const insistence = { clock, logger: run.logger, signal: run.signal }
  await insist(() => stores.turns.endCall(run.turn, call.id, { outcome, endedAt: clock.now() }), insistence)
  announceEnd(run, call, { outcome, durationMs: clock.monotonic() - startedAt })
  return outcome
}
