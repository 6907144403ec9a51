import { type Token, token } from '../token.ts'

export interface HealthCheck {
  readonly name: string
  /** A critical check that fails makes the server not ready; another one only degraded. */
  readonly critical: boolean
  /** Says how it is; a rejection counts as not ok. `detail` must hold no secret. */
  check(): Promise<HealthResult> | HealthResult
}
export interface HealthResult {
  readonly ok: boolean
  readonly detail?: string
  readonly data?: Readonly<Record<string, unknown>>
}
export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'unready'
  readonly checks: Readonly<Record<string, HealthResult>>
}

/** Gathers checks. A report is cached for a second, and one round of checks is in flight at a time. */
export interface HealthRegistry {
  add(check: HealthCheck): Disposable
  report(): Promise<HealthReport>
  /** Takes the server out of readiness for good; the first act of a shutdown. */
  drain(): void
}
export const HealthRegistry: Token<HealthRegistry> = token('HealthRegistry')
