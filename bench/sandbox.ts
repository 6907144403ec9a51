import { run, type SandboxFigures } from '../packages/plugins/bench/call.ts'
import type { Row } from './support/row.ts'

const us = (value: number): string => `${value.toFixed(0)} µs`

const calls = ({ process, worker, inline }: SandboxFigures): Row[] => [
  {
    measure: 'sandbox, tiny call',
    seen: `p50 ${us(process.tinyUs)}`,
    rival: `worker thread ${us(worker.tinyUs)}, same process ${us(inline.tinyUs)}`,
    aim: 'p50 ≤ 60 µs',
    isMet: process.tinyUs <= 60,
  },
  {
    measure: 'sandbox, 64 KiB there and back',
    seen: `p50 ${us(process.largeUs)}`,
    rival: `worker thread ${us(worker.largeUs)}, same process ${us(inline.largeUs)}`,
    aim: 'p50 ≤ 200 µs',
    isMet: process.largeUs <= 200,
  },
  {
    measure: 'sandbox, tiny calls, 60 in flight',
    seen: `${process.pipelinedPerSecond.toFixed(0)}/s`,
    rival: `worker thread ${worker.pipelinedPerSecond.toFixed(0)}/s, same process ${inline.pipelinedPerSecond.toFixed(0)}/s`,
    aim: '≥ 45,000/s',
    isMet: process.pipelinedPerSecond >= 45_000,
  },
]

/** What a call through the wall costs, beside the same call in a thread and in the process of the host. */
export const sandbox = async (): Promise<Row[]> => {
  const seen = await run()
  const ratio = seen.startMs / seen.bareMs
  return [
    ...calls(seen),
    {
      measure: 'sandbox, cold start until its plugin is described',
      seen: `${ratio.toFixed(2)} × (${seen.startMs.toFixed(0)} ms)`,
      rival: `\`node -e 0\`, ${seen.bareMs.toFixed(0)} ms`,
      aim: '≤ 1.8 ×',
      isMet: ratio <= 1.8,
    },
    {
      measure: 'sandbox, memory of an idle plugin (PSS)',
      seen: `${seen.alonePssMb.toFixed(0)} MB alone, ${seen.eightPssMb.toFixed(0)} MB each of eight`,
      rival: 'aim of its own',
      aim: '≤ 30 MB, ≤ 18 MB',
      isMet: seen.alonePssMb <= 30 && seen.eightPssMb <= 18,
    },
    {
      measure: 'sandbox, a loop is dead after its deadline',
      seen: `${seen.hogLateMs.toFixed(1)} ms`,
      rival: 'aim of its own',
      aim: '≤ 50 ms',
      isMet: seen.hogLateMs <= 50,
    },
  ]
}
