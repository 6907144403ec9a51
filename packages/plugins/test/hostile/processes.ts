import { callAction } from '../../src/testing.ts'
import { hostilePlugin } from '../hostile-plugin.ts'
import { escape, type HostileCase } from './hostile-case.ts'

/** Acting on processes, and outliving. */
export const processCases: readonly HostileCase[] = [
  escape({ id: 'H22', success: 'a signal that arrives' }),
  escape({ id: 'H23', success: 'the host’s inspector opens' }),
  {
    id: 'H40',
    title: 'ignores that it is unloaded',
    success: 'it runs on',
    expected: 'killed',
    async drive({ open }) {
      const sandbox = await open(hostilePlugin)
      const call = callAction(sandbox, { action: 'stubborn', input: 60_000, timeoutMs: 70_000 })
      const lost = call.catch(() => {}) // it ends with the sandbox
      await callAction(sandbox, { action: 'echo' })
      await sandbox.stop(200)
      await lost
      return 'ended'
    },
  },
  {
    id: 'X17',
    title: 'answers after it was unloaded',
    success: 'its answer is taken',
    expected: 'killed',
    async drive({ open }) {
      const sandbox = await open(hostilePlugin)
      const call = callAction(sandbox, { action: 'stubborn', input: 250, timeoutMs: 70_000 })
      const answer = call.catch(() => 'lost')
      await callAction(sandbox, { action: 'echo' })
      await sandbox.stop(150)
      await callAction(sandbox, { action: 'echo' }).catch(() => {})
      if ((await answer) !== 'lost') return `answered ${String(await answer)}`
      throw new Error('what it said came too late')
    },
  },
]
