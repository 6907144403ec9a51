import {
  type ActionCall,
  type ActionSpec,
  type CallOutcome,
  type ErrorRecord,
  type ModelMessage,
  newId,
  type ToolCall,
} from '@covent/core'
import type { Answer } from '../turn/step/ask.ts'
import type { Run } from '../turn/run.ts'
import { resultMessage } from './outcome.ts'
import { perform } from './perform.ts'

type Planned =
  | { readonly kind: 'call'; readonly call: ActionCall }
  | { readonly kind: 'refused'; readonly call: ToolCall; readonly error: ErrorRecord }

const journalLine = (
  run: Run,
  step: Answer,
  place: { readonly position: number; readonly spec: ActionSpec },
): ActionCall => {
  const asked = step.calls[place.position]!
  const now = run.dependencies.clock.now()
  return {
    id: newId('call', now),
    turnId: run.turn.id,
    step: run.progress.step,
    position: place.position,
    said: step.text,
    plugin: place.spec.plugin,
    action: place.spec.name,
    tool: asked.name,
    toolCallId: asked.id,
    effect: place.spec.effect,
    input: asked.input,
    state: 'started',
    startedAt: now,
  }
}

const notFound = (name: string): ErrorRecord => ({
  code: 'plugin.not-found',
  message: `There is no tool named ${name.slice(0, 64)}.`,
})

const needsLeave = (spec: ActionSpec): ErrorRecord => ({
  code: 'plugin.effect-refused',
  message: `${spec.plugin}/${spec.name} has the effect ${spec.effect} and is not named in actions.allow.`,
})

const plan = (run: Run, step: Answer): readonly Planned[] => {
  const toolbox = run.toolbox()
  return step.calls.map((call, position) => {
    const tool = toolbox.find(call.name)
    if (tool === undefined) return { kind: 'refused', call, error: notFound(call.name) }
    if (!tool.isAllowed) return { kind: 'refused', call, error: needsLeave(tool.spec) }
    return { kind: 'call', call: journalLine(run, step, { position, spec: tool.spec }) }
  })
}

const refuse = (run: Run, call: ToolCall, error: ErrorRecord): ModelMessage => {
  const action = call.name.slice(0, 64)
  run.emit({ kind: 'action', id: call.id, plugin: '', action, state: 'failed', error })
  return resultMessage({ toolCallId: call.id, tool: call.name }, { state: 'failed', error })
}

/** Calls that only read run together; any other waits for all before it, and all after it wait for it. */
export const inOrder = async (
  calls: readonly ActionCall[],
  work: (call: ActionCall) => Promise<CallOutcome>,
): Promise<ReadonlyMap<ActionCall, CallOutcome>> => {
  const outcomes = new Map<ActionCall, CallOutcome>()
  const one = async (call: ActionCall): Promise<void> => void outcomes.set(call, await work(call))
  for (let at = 0; at < calls.length;) {
    const rest = calls.slice(at)
    const firstOther = rest.findIndex((call) => call.effect !== 'read')
    const group = rest.slice(0, firstOther === -1 ? rest.length : Math.max(1, firstOther))
    const settled = await Promise.allSettled(group.map(one))
    for (const result of settled) if (result.status === 'rejected') throw result.reason
    at += group.length
  }
  return outcomes
}

const journal = async (run: Run, calls: readonly ActionCall[]): Promise<void> => {
  await run.dependencies.unitOfWork.run(async (stores) => {
    if (!run.progress.isJournaled) await run.beforeJournal(stores)
    await stores.turns.startCalls(run.turn, calls)
  })
  run.progress.isJournaled = true
}

/** Runs the calls of a step and adds to the messages what was asked and what came of it. */
export const act = async (run: Run, step: Answer): Promise<void> => {
  const planned = plan(run, step)
  const calls = planned.flatMap((one) => (one.kind === 'call' ? [one.call] : []))
  if (calls.length > 0) await journal(run, calls)
  const outcomes = await inOrder(calls, (call) => perform(run, call))
  run.messages.push({ role: 'assistant', text: step.text, calls: step.calls })
  for (const one of planned)
    run.messages.push(
      one.kind === 'refused'
        ? refuse(run, one.call, one.error)
        : resultMessage(one.call, outcomes.get(one.call)!),
    )
}
