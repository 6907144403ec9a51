import type { Agent } from 'node:http'
import { type Clock, type EgressLimits, EgressError, type EgressPolicy } from '@covent/core'
import { builtinHttp } from './builtin-http.ts'
import { type TokenBucket, tokenBucket } from './token-bucket.ts'

/** What is counted and kept for one caller: no connection is ever shared with another. */
export interface Caller {
  readonly bucket: TokenBucket
  agent(scheme: 'https' | 'http'): Agent
}

export interface Callers {
  /** Throws where the caller has too many requests under way. */
  run<T>(policy: EgressPolicy, limits: EgressLimits, work: (caller: Caller) => Promise<T>): Promise<T>
  close(): void
}

interface Kept extends Caller {
  active: number
  close(): void
}

export interface CallersOptions {
  readonly clock: Clock
  /** Trusted besides the system's certificates. */
  readonly ca?: string | undefined
}

const keptIdle = 64
const idleSocketMs = 10_000

const keep = ({ clock, ca }: CallersOptions, bytesPerSecond: number): Kept => {
  const agents: { https?: Agent; http?: Agent } = {}
  const options = { keepAlive: true, maxFreeSockets: 4, timeout: idleSocketMs }
  const make = {
    http: () => new (builtinHttp.http().Agent)(options),
    https: () => new (builtinHttp.https().Agent)({ ...options, ...(ca !== undefined && { ca }) }),
  }
  return {
    bucket: tokenBucket(bytesPerSecond, clock),
    active: 0,
    agent: (scheme) => (agents[scheme] ??= make[scheme]()),
    close() {
      agents.http?.destroy()
      agents.https?.destroy()
    },
  }
}

export const callers = (options: CallersOptions): Callers => {
  const kept = new Map<string, Kept>()
  const find = ({ caller, allowPrivate = false }: EgressPolicy, { bytesPerSecond }: EgressLimits): Kept => {
    const key = JSON.stringify([caller, allowPrivate, bytesPerSecond])
    const found = kept.get(key) ?? keep(options, bytesPerSecond)
    kept.delete(key)
    kept.set(key, found) // the last used stand last
    return found
  }
  const forgetIdle = (): void => {
    for (const [key, caller] of kept) {
      if (kept.size <= keptIdle) return
      if (caller.active > 0) continue
      caller.close()
      kept.delete(key)
    }
  }
  return {
    async run(policy, limits, work) {
      const caller = find(policy, limits)
      if (caller.active >= limits.concurrency)
        throw new EgressError('egress.busy', `${policy.caller} has ${caller.active} requests under way`)
      caller.active++
      try {
        return await work(caller)
      } finally {
        caller.active--
        forgetIdle()
      }
    },
    close() {
      for (const caller of kept.values()) caller.close()
      kept.clear()
    },
  }
}
