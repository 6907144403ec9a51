/** One line of `docs/benchmarks.md`. */
export interface Row {
  readonly measure: string
  /** What was seen, with its unit. */
  readonly seen: string
  /** Who ran beside it in the same run, and what it did; or what was measured against. */
  readonly rival: string
  readonly aim: string
  readonly isMet: boolean
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
