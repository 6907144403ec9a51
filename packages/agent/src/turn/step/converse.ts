import { ModelError } from '@covent/core'
import { act } from '../../actions/act.ts'
import { type Answer, ask } from './ask.ts'
import type { Run } from '../run.ts'

/** Asks the model and does what it calls for, step by step, until it answers without a call. */
export const converse = async (run: Run): Promise<Answer['reason']> => {
  const { progress } = run
  for (; progress.step < run.maxSteps; progress.step++) {
    const answer = await ask(run)
    if (answer.text !== '') progress.said.push(answer.text)
    if (answer.calls.length === 0) return answer.reason
    // What the last step asks for is not done: nobody would hear of it.
    if (progress.step < run.maxSteps - 1) await act(run, answer)
  }
  throw new ModelError(
    'model.steps-exceeded',
    `Model ${run.model.id} still called for actions after ${run.maxSteps} steps.`,
  )
}
