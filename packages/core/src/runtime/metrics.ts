import { type Token, token } from '../token.ts'

export type Labels = Readonly<Record<string, string>>

/** Counts and measures. Names are `noun_unit` in snake case, as Prometheus has them; labels are few and bounded; frozen ones are cheapest. */
export interface Metrics {
  /** Adds to a counter. */
  count(name: string, by?: number, labels?: Labels): void
  /** Sets a gauge. */
  gauge(name: string, value: number, labels?: Labels): void
  /** Adds one observation to a distribution. */
  observe(name: string, value: number, labels?: Labels): void
}
export const Metrics: Token<Metrics> = token('Metrics')

export const noMetrics: Metrics = { count() {}, gauge() {}, observe() {} }
