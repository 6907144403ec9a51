import type { ErrorRecord, Turn } from '@covent/core'
import { interrupted } from '../actions/outcome.ts'
import type { AgentDependencies } from '../dependencies.ts'

const error: ErrorRecord = {
  code: 'agent.interrupted',
  message: 'The turn was interrupted and is not taken up again.',
}

/** Ends a turn that nobody can go on with (an ephemeral one, or one without its message), and its open calls as unknown. */
export const abandon = async (dependencies: AgentDependencies, turn: Turn): Promise<void> => {
  const { clock, stores, unitOfWork } = dependencies
  const calls = await stores.turns.calls(turn.id)
  const open = calls.filter((call) => call.state === 'started')
  await unitOfWork.run(async ({ turns }) => {
    for (const call of open)
      await turns.endCall(turn, call.id, { outcome: interrupted(call), endedAt: clock.now() })
    await turns.end(turn, { state: 'failed', endedAt: clock.now(), error })
  })
}
