/** How long things took, in buckets that grow by a tenth from 50 µs to ten minutes: 172 numbers, however many they were. */
export interface Durations {
  readonly buckets: Uint32Array
  count: number
  longestMs: number
}

const leastMs = 0.05
const growth = 1.1
const bucketCount = 172

export const durations = (): Durations => ({
  buckets: new Uint32Array(bucketCount),
  count: 0,
  longestMs: 0,
})

const bucketOf = (ms: number): number =>
  ms <= leastMs ? 0 : Math.min(bucketCount - 1, Math.ceil(Math.log(ms / leastMs) / Math.log(growth)))

export const addDuration = (to: Durations, ms: number): void => {
  to.buckets[bucketOf(ms)]!++
  to.count++
  to.longestMs = Math.max(to.longestMs, ms)
}

/** What a share `q` of all of them did not exceed: the end of its bucket, or the longest of all; 0 without any. */
export const quantile = (of: readonly Durations[], q: number): number => {
  const longestMs = Math.max(0, ...of.map((one) => one.longestMs))
  let left = Math.ceil(q * of.reduce((sum, { count }) => sum + count, 0))
  for (let n = 0; n < bucketCount - 1 && left > 0; n++) {
    for (const { buckets } of of) left -= buckets[n]!
    if (left <= 0) return Math.min(leastMs * growth ** n, longestMs)
  }
  return longestMs
}
