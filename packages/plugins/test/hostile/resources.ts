import type { Sandbox } from '../../src/drivers/isolation-driver.ts'
import { callAction, endSandbox } from '../../src/testing.ts'
import { hostilePlugin, loopingPlugin } from '../hostile-plugin.ts'
import { type HostileCase, way } from './hostile-case.ts'

const loops = 'the host waits for it'

/** Of 300 calls one after another, how long all but the slowest hundredth took at most. */
const slowestMs = async (sandbox: Sandbox): Promise<number> => {
  const times: number[] = []
  for (let n = 0; n < 300; n++) {
    const startedAt = performance.now()
    await callAction(sandbox, { action: 'echo', input: n })
    times.push(performance.now() - startedAt)
  }
  return times.toSorted((a, b) => a - b)[296]!
}

/** Taking all there is. */
export const resourceCases: readonly HostileCase[] = [
  way({ id: 'H35', title: 'fills its heap', success: 'the host runs out of memory', action: 'heapBomb' }),
  ...(
    [
      ['H36a', 'fills memory with buffers', 'bufferBomb'],
      ['H36b', 'fills shared memory', 'sharedBomb'],
      ['H36c', 'grows the memory of WebAssembly', 'wasmBomb'],
    ] as const
  ).map(([id, title, action]) =>
    way({ id, title, action, success: 'the host runs out of memory', expected: 'held or killed' }),
  ),
  way({ id: 'H37a', title: 'loops', success: loops, action: 'hog', timeoutMs: 300 }),
  way({
    id: 'H37b',
    title: 'lets a regular expression backtrack',
    success: loops,
    action: 'backtrack',
    timeoutMs: 300,
  }),
  {
    id: 'H37c',
    title: 'loops while it is loaded',
    success: loops,
    expected: 'killed',
    async drive({ spawn }) {
      await (await spawn()).load(loopingPlugin, 500)
      return 'loaded'
    },
  },
  {
    id: 'H34b',
    title: 'sends messages without end, beside an honest plugin',
    success: 'the other plugin’s calls take more than twice as long (p99), and more than 50 ms',
    expected: 'held',
    isTimed: true,
    async drive({ open }) {
      const honest = await open(hostilePlugin)
      const before = await slowestMs(honest)
      const flooding = callAction(await open(hostilePlugin), { action: 'logFlood', timeoutMs: 3_000 })
      const flooded = flooding.catch(() => {}) // it is killed
      const during = await slowestMs(honest)
      await flooded
      await endSandbox(honest)
      const said = `${before.toFixed(1)} ms alone, ${during.toFixed(1)} ms beside it`
      return during <= Math.max(2 * before, 50) ? `held: ${said}` : said
    },
  },
  way({
    id: 'H39c',
    title: 'starts threads without end',
    success: '200 threads',
    action: 'threads',
    expected: 'held or killed',
    holds: (answer) => String(answer).startsWith('held'),
  }),
]
