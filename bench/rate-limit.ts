import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Result } from '../packages/rate-limit/bench/consume.ts'
import { runShared } from '../packages/rate-limit/bench/shared.ts'
import type { Row } from './support/row.ts'
import { root } from './support/servers.ts'

const perSecond = (count: number): string => `${(count / 1e6).toFixed(1)} M per CPU second`

/** Decisions of the memory limiter, its memory, and what eight processes on one Redis are admitted. */
export const rateLimit = async (): Promise<Row[]> => {
  const words = [
    '--expose-gc',
    '--conditions=@covent/source',
    join(root, 'packages/rate-limit/bench/consume.ts'),
  ]
  const { covent, rival, ratio, bytesPerKey } = JSON.parse(
    execFileSync(process.execPath, words, { encoding: 'utf8' }),
  ) as Result
  const { share, admitted } = await runShared()
  return [
    {
      measure: 'rate limiter, decisions over 100,000 keys',
      seen: `${ratio.toFixed(1)} × (${perSecond(covent)})`,
      rival: `rate-limiter-flexible, memory, ${perSecond(rival)}`,
      aim: '≥ 5 ×',
      isMet: ratio >= 5,
    },
    {
      measure: 'rate limiter, memory per key besides its text',
      seen: `${bytesPerKey.toFixed(0)} bytes`,
      rival: 'none',
      aim: '≤ 64 bytes',
      isMet: bytesPerKey <= 64,
    },
    {
      measure: 'rate limiter over Redis, eight processes: largest count in any sliding window',
      seen: `${share.toFixed(2)} × the limit (${admitted} admitted in 12 s)`,
      rival: 'the limit, 200 in 3 s',
      aim: '≤ 1.5 ×',
      isMet: share <= 1.5,
    },
  ]
}
