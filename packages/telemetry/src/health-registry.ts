import {
  AppError,
  type Clock,
  type HealthCheck,
  type HealthRegistry,
  type HealthReport,
  type HealthResult,
  systemClock,
} from '@covent/core'

export interface HealthRegistryOptions {
  readonly clock?: Clock
  /** How long a report is given out again (1,000). */
  readonly cacheMs?: number
  /** How long one check may take (2,000). */
  readonly timeoutMs?: number
}

/** Runs checks side by side, one round at a time. A check that hangs is not started a second time meanwhile. */
export const healthRegistry = (options: HealthRegistryOptions = {}): HealthRegistry => {
  const { clock = systemClock, cacheMs = 1000, timeoutMs = 2000 } = options
  const checks = new Map<HealthCheck, () => Promise<HealthResult>>()
  let latest: HealthReport | undefined
  let freshUntil = Number.NEGATIVE_INFINITY
  let inFlight: Promise<HealthReport> | undefined
  let isDraining = false

  const round = async (): Promise<HealthReport> => {
    const all = [...checks]
    const results = await Promise.all(all.map(([, run]) => run()))
    const report = reportOf(all.map(([check], n) => [check, results[n]!]))
    latest = report
    freshUntil = clock.monotonic() + cacheMs
    return report
  }
  const current = (): Promise<HealthReport> | HealthReport => {
    if (latest !== undefined && clock.monotonic() < freshUntil) return latest
    inFlight ??= round().finally(() => (inFlight = undefined))
    return inFlight
  }
  const forget = (): void => {
    freshUntil = Number.NEGATIVE_INFINITY
  }
  return {
    add(check) {
      checks.set(check, singleRun(check, { clock, timeoutMs }))
      forget()
      return {
        [Symbol.dispose]() {
          checks.delete(check)
          forget()
        },
      }
    },
    async report() {
      if (isDraining) return drained(latest)
      const report = await current()
      return isDraining ? drained(report) : report
    },
    drain() {
      isDraining = true
    },
  }
}

const drained = (report: HealthReport | undefined): HealthReport => ({
  status: 'unready',
  checks: { ...report?.checks, shutdown: { ok: false, detail: 'shutting down' } },
})

const reportOf = (results: readonly (readonly [HealthCheck, HealthResult])[]): HealthReport => {
  const failed = results.filter(([, { ok }]) => !ok)
  const isUnready = failed.some(([{ critical }]) => critical)
  const checks: Record<string, HealthResult> = Object.create(null) as Record<string, HealthResult>
  // Of two checks with one name a failed one is shown.
  for (const [{ name }, result] of results) if (checks[name]?.ok !== false) checks[name] = result
  if (failed.length === 0) return { status: 'ok', checks }
  return { status: isUnready ? 'unready' : 'degraded', checks }
}

interface RunOptions {
  readonly clock: Clock
  readonly timeoutMs: number
}

/** Runs a check within its time; while an earlier run hangs, its outcome is awaited again instead. */
const singleRun = (check: HealthCheck, { clock, timeoutMs }: RunOptions): (() => Promise<HealthResult>) => {
  let running: Promise<HealthResult> | undefined
  return async () => {
    running ??= attempt(check).finally(() => (running = undefined))
    const over = new AbortController()
    const late = clock.sleep(timeoutMs, over.signal).then(
      (): HealthResult => ({ ok: false, detail: `no answer within ${timeoutMs} ms` }),
      (): HealthResult => ({ ok: false }), // the check has answered before
    )
    const result = await Promise.race([running, late])
    over.abort()
    return result
  }
}

/** What a check throws may hold a secret (an address with a password); only a code is shown. */
const attempt = async (check: HealthCheck): Promise<HealthResult> => {
  try {
    return await check.check()
  } catch (error) {
    return { ok: false, detail: AppError.is(error) ? error.code : 'the check failed' }
  }
}
