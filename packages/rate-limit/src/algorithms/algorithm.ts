import type { RatePolicy, Verdict } from '@covent/core'
import type { KeyTable } from '../key-table.ts'

/** How one policy counts. The state of a key is a few numbers, all 0 before its first use. */
export interface Algorithm {
  /** Numbers per key. */
  readonly width: number
  /** Whether the numbers say no more than those of a key never seen. */
  isIdle(state: Float64Array, at: number, nowMs: number): boolean
  /** Decides over the keys of a table, and counts what is admitted. */
  over(table: KeyTable): Decide
}
export type Decide = (key: string, cost: number, nowMs: number) => Verdict

/** The most that can ever be admitted at once. */
export const burstOf = ({ limit, burst, algorithm }: RatePolicy): number =>
  algorithm === 'sliding-window' ? limit : (burst ?? Math.max(1, Math.ceil(limit / 2)))

/** The error for a cost that could never be admitted. */
export const unfit = (policy: RatePolicy, cost: number): RangeError =>
  new RangeError(
    `the rate limit ${policy.name} admits costs from 1 to ${burstOf(policy)} at once, not ${cost}`,
  )
