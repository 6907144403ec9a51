import { type Clock, EgressError, type NamePolicy } from '@covent/core'
import { checkedAddresses, type Resolve } from './addresses.ts'
import { matchesName } from '../grants.ts'
import { parseTarget } from '../target.ts'
import { type TokenBucket, tokenBucket } from '../token-bucket.ts'

export interface NameLookupOptions {
  readonly clock: Clock
  readonly resolve: Resolve
}

/** By caller: names can carry data out, and each lookup is a question to somebody's server. */
const perSecond = 10
const callersKept = 256
const timeoutMs = 10_000

/** Addresses of granted names, under the rules by which they would be connected to. */
export const nameLookup = ({ clock, resolve }: NameLookupOptions) => {
  const buckets = new Map<string, TokenBucket>()
  const bucketOf = (caller: string): TokenBucket => {
    const bucket = buckets.get(caller) ?? tokenBucket(perSecond, clock)
    buckets.delete(caller)
    buckets.set(caller, bucket)
    const [oldest] = buckets.keys()
    if (buckets.size > callersKept && oldest !== undefined) buckets.delete(oldest)
    return bucket
  }
  const spend = (caller: string): void => {
    const bucket = bucketOf(caller)
    if (bucket.take(1) === 0) return
    bucket.take(-1)
    throw new EgressError('egress.busy', `${caller} looks up more than ${perSecond} names in a second`)
  }
  const late = async (host: string, signal: AbortSignal): Promise<never> => {
    await clock.sleep(timeoutMs, signal)
    throw new EgressError('egress.timeout', `${host} was not resolved within ${timeoutMs} ms`)
  }
  return async (name: string, policy: NamePolicy): Promise<readonly string[]> => {
    const { host } = parseTarget(`https://${name}/`, ['https'])
    if (host !== name.toLowerCase())
      throw new EgressError('egress.url-refused', 'a lookup takes a plain host name')
    if (!policy.names.some((granted) => matchesName(granted, host)))
      throw new EgressError('egress.host-refused', `${host} is not granted`, { data: { host } })
    spend(policy.caller)
    const done = new AbortController()
    const rules = { resolve, allowPrivate: policy.allowPrivate ?? false }
    try {
      return (await Promise.race([checkedAddresses(host, rules), late(host, done.signal)])).addresses
    } finally {
      done.abort()
    }
  }
}
