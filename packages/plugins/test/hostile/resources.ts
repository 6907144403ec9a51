import { loopingPlugin } from '../hostile-plugin.ts'
import { type HostileCase, way } from './hostile-case.ts'

const loops = 'the host waits for it'

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
  way({
    id: 'H39c',
    title: 'starts threads without end',
    success: '200 threads',
    action: 'threads',
    expected: 'held or killed',
    holds: (answer) => String(answer).startsWith('held'),
  }),
]
