import type { Agent } from 'node:http'
import { type Clock, type EgressLimits, EgressError, type EgressPolicy } from '@covent/core'
import { builtinHttp } from './builtin-http.ts'
import { type TokenBucket, tokenBucket } from './token-bucket.ts'

/** What is counted and kept for one caller: no connection is ever shared with another. */
export interface Caller {
  readonly bucket: TokenBucket
  agent(scheme: 'https' | 'http'): Agent
}

type Kind = 'requests' | 'sockets'

/** One of a caller's places, until it is given back, once or more often. */
export interface Place extends Disposable {
  readonly caller: Caller
}

export interface Callers {
  /** Throws where the caller has as many under way as it may. */
  take(policy: EgressPolicy, limits: EgressLimits, kind: Kind): Place
  close(): void
}

interface Kept extends Caller {
  readonly active: Record<Kind, number>
  close(): void
}

const defaults: EgressLimits = {
  requestBytes: 1_048_576,
  responseBytes: 4_194_304,
  timeoutMs: 30_000,
  concurrency: 16,
  sockets: 4,
  messageBytes: 1_048_576,
  bytesPerSecond: 10_000_000,
}

export const limitsOf = ({ limits }: EgressPolicy): EgressLimits => ({ ...defaults, ...limits })

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
    active: { requests: 0, sockets: 0 },
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
      if (caller.active.requests + caller.active.sockets > 0) continue
      caller.close()
      kept.delete(key)
    }
  }
  return {
    take(policy, limits, kind) {
      const caller = find(policy, limits)
      const cap = kind === 'requests' ? limits.concurrency : limits.sockets
      if (caller.active[kind] >= cap)
        throw new EgressError('egress.busy', `${policy.caller} has ${cap} ${kind} under way`)
      caller.active[kind]++
      let isTaken = true
      return {
        caller,
        [Symbol.dispose]() {
          if (!isTaken) return
          isTaken = false
          caller.active[kind]--
          forgetIdle()
        },
      }
    },
    close() {
      for (const caller of kept.values()) caller.close()
      kept.clear()
    },
  }
}
