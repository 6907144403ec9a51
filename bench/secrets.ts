import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { run as runLog } from '../packages/telemetry/bench/log.ts'
import type { LoopResult } from '../packages/secure-storage/bench/loop.ts'
import type { Result } from '../packages/secure-storage/bench/read.ts'
import type { Row } from './support/row.ts'
import { root } from './support/servers.ts'

const measured = (name: string): unknown => {
  const file = join(root, 'packages/secure-storage/bench', name)
  const words = ['--conditions=@covent/source', file]
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))
}

/** Reads of the encrypted file, and log lines in which twenty secrets are looked for. */
export const secrets = async (): Promise<Row[]> => {
  const read = measured('read.ts') as Result
  const loop = measured('loop.ts') as LoopResult
  const log = await runLog()
  return [
    {
      measure: 'reading a secret of 64 bytes, CPU',
      seen: `${read.ratio.toFixed(1)} × (${read.covent.toFixed(1)} µs)`,
      rival: `bare AES-256-GCM decryption, ${read.raw.toFixed(1)} µs`,
      aim: '≤ 2.5 ×',
      isMet: read.ratio <= 2.5,
    },
    {
      measure:
        'secrets: longest turn of the event loop (CPU), over sets, reads, a passphrase and rotations of a hundred',
      seen: `${loop.longestMs.toFixed(1)} ms`,
      rival: 'none',
      aim: '≤ 20 ms',
      isMet: loop.longestMs <= 20,
    },
    {
      measure: 'request log with twenty secrets scrubbed, lines per CPU time',
      seen: `${log.ratio.toFixed(2)} × (${log.covent.toFixed(1)} µs a line)`,
      rival: `plain pino, ${log.pino.toFixed(1)} µs a line`,
      aim: '≥ 0.60 ×',
      isMet: log.ratio >= 0.6,
    },
  ]
}
