import { memoryRateLimits } from '@covent/rate-limit'
import { RateLimiterMemory } from 'rate-limiter-flexible'

export interface Result {
  /** Decisions per second of CPU time, medians of rounds in turn. */
  readonly covent: number
  readonly rival: number
  readonly ratio: number
  /** Of heap and array buffers, besides the text of the key. */
  readonly bytesPerKey: number
}

const keyCount = 100_000
const keys = Array.from({ length: keyCount }, (_, n) => `2001:db8:${n.toString(16)}::/64`)
const rounds = 7
/** Over all keys, in each round. */
const passes = 5

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

/** What the other one left behind is not cleared away at this one's expense. */
const perSecond = async (act: () => Promise<void> | void): Promise<number> => {
  globalThis.gc!()
  const before = cpuSeconds()
  for (let n = 0; n < passes; n++) await act()
  return (passes * keyCount) / (cpuSeconds() - before)
}

const heldBytes = (): number => {
  globalThis.gc!()
  globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** One decision for each of 100,000 keys in turn, ours and rate-limiter-flexible's in one process. Needs `--expose-gc`. */
export const run = async (): Promise<Result> => {
  new Set(keys).clear() // their hashes are kept with their text
  const before = heldBytes()
  const limiter = memoryRateLimits({ mostKeys: keyCount }).limiter({
    name: 'bench',
    limit: 300,
    windowSeconds: 60,
  })
  const ours = (): void => {
    for (const key of keys) void limiter.consume(key)
  }
  ours()
  const bytesPerKey = (heldBytes() - before) / keyCount
  const flexible = new RateLimiterMemory({ points: 300, duration: 60 })
  const theirs = async (): Promise<void> => {
    for (const key of keys) await flexible.consume(key)
  }
  await theirs()
  const seen = { covent: [] as number[], rival: [] as number[] }
  for (let n = 0; n < rounds; n++) {
    seen.covent.push(await perSecond(ours))
    seen.rival.push(await perSecond(theirs))
  }
  const [covent, rival] = [median(seen.covent), median(seen.rival)]
  return { covent, rival, ratio: covent / rival, bytesPerKey }
}

if (import.meta.main) console.log(JSON.stringify(await run()))
