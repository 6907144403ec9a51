import type { Clock } from '@covent/core'
import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { builtin } from './builtin.ts'

/** Where a provider answers, and how it is reached: one pool of kept connections for all its models. */
export interface Endpoint {
  /** Id of the provider, for messages. */
  readonly provider: string
  readonly url: URL
  readonly apiKey?: string
  /** For the first byte, and between two pieces. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly agent: HttpAgent | HttpsAgent
}

export interface EndpointOptions {
  readonly provider: string
  readonly baseUrl: string
  readonly apiKey?: string
  readonly timeoutMs: number
  readonly clock: Clock
}

export const endpoint = ({ baseUrl, ...rest }: EndpointOptions): Endpoint => {
  const url = new URL(`${baseUrl.replace(/\/$/, '')}/chat/completions`)
  const pool = { keepAlive: true, maxFreeSockets: 64 }
  return { ...rest, url, agent: new (builtin(url).Agent)(pool) }
}
