import type { ActionCall, CallOutcome } from '@covent/core'
import { showEnd } from '../actions/announce.ts'
import { inOrder } from '../actions/act.ts'
import { interrupted, outcomeOf, resultMessage } from '../actions/outcome.ts'
import { perform } from '../actions/perform.ts'
import { insist } from '../insist.ts'
import { type Run, say } from '../turn/run.ts'

/** What becomes of a journaled call: an end stands; an open one runs again if it only reads, else its end is not known. */
const settle = async (run: Run, call: ActionCall): Promise<CallOutcome> => {
  const known = outcomeOf(call)
  if (known === undefined && call.effect === 'read') return perform(run, call)
  const outcome = known ?? interrupted(call)
  if (known === undefined) {
    const { clock, stores } = run.dependencies
    const insistence = { clock, logger: run.logger, signal: run.signal }
    await insist(() => stores.turns.endCall(run.turn, call.id, { outcome, endedAt: clock.now() }), insistence)
  }
  showEnd(run, call, outcome)
  return outcome
}

const resumeStep = async (run: Run, calls: readonly ActionCall[]): Promise<void> => {
  const text = calls[0]!.said
  say(run, text, true)
  if (text !== '') run.progress.said.push(text)
  const outcomes = await inOrder(calls, (call) => settle(run, call))
  const asked = calls.map((call) => ({ id: call.toolCallId, name: call.tool, input: call.input }))
  run.messages.push({ role: 'assistant', text, calls: asked })
  for (const call of calls) run.messages.push(resultMessage(call, outcomes.get(call)!))
}

/** Takes a turn up where its journal ends: the model goes on with the next step. */
export const resume = async (run: Run): Promise<void> => {
  const calls = await run.dependencies.stores.turns.calls(run.turn.id)
  for (const [step, ofStep] of Map.groupBy(calls, (call) => call.step)) {
    await resumeStep(run, ofStep)
    run.progress.step = step + 1
  }
  run.progress.isJournaled = calls.length > 0
}
