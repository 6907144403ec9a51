import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { DurableResult } from '../apps/server/bench/durable.ts'
import type { SignalResult } from '../packages/events/bench/signals.ts'
import type { Row } from './support/row.ts'
import { root } from './support/servers.ts'

/** In a process of its own, which finds the packages from where the program stands. */
const resultOf = (program: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ['--conditions=@covent/source', join(root, program)], {
      encoding: 'utf8',
    }),
  )

const perSecond = (rate: number): string => `${Math.round(rate)}/s`

const durableRow = (database: string, rate: number, raw: number): Row => ({
  measure: `durable events over Redis, from one process to another, 64 at once, ${database}`,
  seen: `${(rate / raw).toFixed(2)} × (${perSecond(rate)})`,
  rival: `ioredis, Streams with acknowledgement and no database, ${perSecond(raw)}`,
  aim: '≥ 0.4 ×',
  isMet: rate >= 0.4 * raw,
})

/** The bus between processes against bare ioredis, and durable events over reconnects. */
export const events = async (): Promise<Row[]> => {
  const signals = resultOf('packages/events/bench/signals.ts') as SignalResult
  const durable = resultOf('apps/server/bench/durable.ts') as DurableResult
  const { appended, distinct, handled } = durable.reconnects
  return [
    {
      measure: 'signals over Redis, from one process to another',
      seen: `${signals.ratio.toFixed(2)} × (${perSecond(signals.ours)})`,
      rival: `ioredis, pub/sub with automatic pipelining, ${perSecond(signals.raw)}`,
      aim: '≥ 0.5 ×',
      isMet: signals.ratio >= 0.5,
    },
    {
      measure: 'signals over Redis, from the emit to the handler in another process',
      seen: `p50 ${signals.oursMs.toFixed(2)} ms`,
      rival: `ioredis, pub/sub, ${signals.rawMs.toFixed(2)} ms`,
      aim: 'p50 ≤ 1 ms',
      isMet: signals.oursMs <= 1,
    },
    durableRow('SQLite', durable.sqlite, durable.raw),
    durableRow('PostgreSQL', durable.postgres, durable.raw),
    {
      measure: 'durable events in one process, from the commit of the append to the handler',
      seen: `p50 ${durable.localMs.toFixed(2)} ms, the claim’s commit included`,
      rival: 'none',
      aim: 'p50 ≤ 1 ms',
      isMet: durable.localMs <= 1,
    },
    {
      measure: 'durable events while their connections to Redis are killed 20 times',
      seen: `${appended - distinct} lost, ${handled - distinct} doubled of ${appended}`,
      rival: 'none',
      aim: '0 lost',
      isMet: distinct === appended,
    },
  ]
}
