import { LimitError } from '../errors/families.ts'
import type { RateLimits, RatePolicy, Verdict } from './rate-limits.ts'

/** What a caller is told who asks too often. */
export const limitExceeded = ({ name, limit, windowSeconds }: RatePolicy, verdict: Verdict): LimitError => {
  const seconds = Math.ceil(verdict.retryAfterMs / 1_000)
  return new LimitError('limit.exceeded', `More than ${limit} in ${windowSeconds} s; wait ${seconds} s.`, {
    data: { limit: name, retryAfterSeconds: seconds },
  })
}

/** Counts against one limit and throws `limit.exceeded`; waits only where the limiter does. Without a policy nothing is limited. */
export const rateGuard = (
  limits: RateLimits,
  policy: RatePolicy | undefined,
): ((key: string) => Promise<void> | undefined) => {
  if (policy === undefined) return () => undefined
  const limiter = limits.limiter(policy)
  const judge = (verdict: Verdict): undefined => {
    if (!verdict.allowed) throw limitExceeded(policy, verdict)
    return undefined
  }
  return (key) => {
    const verdict = limiter.consume(key)
    return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
  }
}
