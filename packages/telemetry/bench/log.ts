import { closeSync, openSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { pinoLogger, requestContext, secretMask } from '@covent/telemetry'
import { pino } from 'pino'

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

export interface LogResult {
  /** CPU microseconds per line. */
  readonly covent: number
  readonly pino: number
  /** Lines per CPU time, ours over plain pino's. */
  readonly ratio: number
}

const lines = 20_000

const cpuPerLine = async (write: () => void, flush: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage()
  // In portions, as requests come, so that what is written between them is counted.
  for (let n = 0; n < lines; n++) {
    write()
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await flush()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / lines
}

/** A request line with context fields into /dev/null: ours (context, allow list, twenty secrets scrubbed) and plain pino with a child, async. */
export const run = async (rounds = 15): Promise<LogResult> => {
  const fd = openSync('/dev/null', 'w')
  const context = requestContext()
  const mask = secretMask()
  for (let n = 0; n < 20; n++) mask.hide(`sk-${randomBytes(24).toString('base64url')}`)
  const ours = pinoLogger({ level: 'info', context, destination: fd, mask })
  const destination = pino.destination({ dest: fd, sync: false, minLength: 4096 })
  const theirs = pino({}, destination).child({ requestId: 'req_1', principalId: 'key_1' })
  const fields = { method: 'POST', route: '/v1/chat/completions', status: 200, durationMs: 1.25 }
  const flushPino = (): Promise<void> => new Promise((resolve) => destination.flush(() => resolve()))
  const inContext = <T>(work: () => T): T => context.run({ requestId: 'req_1', principalId: 'key_1' }, work)
  const results: { covent: number; pino: number }[] = []
  for (let round = 0; round < rounds + 3; round++) {
    const covent = await inContext(() => cpuPerLine(() => ours.info('request', fields), ours.flush))
    results.push({ covent, pino: await cpuPerLine(() => theirs.info(fields, 'request'), flushPino) })
  }
  await ours.stop()
  closeSync(fd)
  const measured = results.slice(3)
  return {
    covent: median(measured.map((result) => result.covent)),
    pino: median(measured.map((result) => result.pino)),
    ratio: median(measured.map((result) => result.pino / result.covent)),
  }
}

if (import.meta.main) {
  const { covent, pino, ratio } = await run()
  console.log(
    `${covent.toFixed(2)} µs CPU per line, plain pino ${pino.toFixed(2)}, ratio ${ratio.toFixed(2)}`,
  )
}
