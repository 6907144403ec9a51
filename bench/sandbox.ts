import { run, type SandboxFigures } from '../packages/plugins/bench/call.ts'
import type { Row } from './support/row.ts'

const us = (value: number): string => `${value.toFixed(0)} µs`

const calls = ({ process, worker, inline, bareEchoUs }: SandboxFigures): Row[] => [
  {
    measure: 'sandbox, tiny call',
    seen: `p50 ${us(process.tinyUs)}`,
    rival: `bytes sent back by a bare Node process ${us(bareEchoUs)}, worker thread ${us(worker.tinyUs)}, same process ${us(inline.tinyUs)}`,
    aim: 'p50 ≤ 60 µs',
    isMet: process.tinyUs <= 60,
  },
  {
    measure: 'sandbox, tiny calls, one after the other',
    seen: `${process.perSecond.toFixed(0)}/s`,
    rival: `worker thread ${worker.perSecond.toFixed(0)}/s, same process ${inline.perSecond.toFixed(0)}/s`,
    aim: '≥ 10,000/s',
    isMet: process.perSecond >= 10_000,
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
      measure: 'sandbox, a waiting process until its 100 KB plugin is described',
      seen: `p50 ${seen.warmMs.toFixed(1)} ms`,
      rival: `a cold start, ${seen.startMs.toFixed(0)} ms`,
      aim: 'p50 ≤ 10 ms',
      isMet: seen.warmMs <= 10,
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
    {
      measure: 'sandbox, a plugin that fills memory is dead, and the host has grown by',
      seen: `${seen.bomb.deadMs.toFixed(0)} ms, ${seen.bomb.hostMb.toFixed(1)} MB`,
      rival: 'aim of its own',
      aim: '≤ 3 s, ≤ 16 MB',
      isMet: seen.bomb.deadMs <= 3_000 && seen.bomb.hostMb <= 16,
    },
  ]
}
