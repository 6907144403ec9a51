import type { Counted } from './rate-gate.ts'

const seconds = (ms: number): number => Math.ceil(ms / 1_000)

/**
 * Names and values in turn: the fields of draft-ietf-httpapi-ratelimit-headers-11, those that older clients read, and on a
 * refusal `Retry-After`. All times are in seconds from now.
 */
export const rateHeaders = ({ policy, verdict }: Counted): readonly string[] => {
  const { name, limit, windowSeconds } = policy
  const reset = seconds(verdict.resetMs)
  const standing = [
    'RateLimit-Policy',
    `"${name}";q=${limit};w=${windowSeconds}`,
    'RateLimit',
    `"${name}";r=${verdict.remaining};t=${reset}`,
    'X-RateLimit-Limit',
    String(limit),
    'X-RateLimit-Remaining',
    String(verdict.remaining),
    'X-RateLimit-Reset',
    String(reset),
  ]
  return verdict.allowed
    ? standing
    : [...standing, 'Retry-After', String(Math.max(1, seconds(verdict.retryAfterMs)))]
}
