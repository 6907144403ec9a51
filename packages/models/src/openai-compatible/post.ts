import type { ClientRequest, IncomingMessage } from 'node:http'
import { builtin } from './builtin.ts'
import type { Endpoint } from './endpoint.ts'
import { late, unavailable } from './failure.ts'

const headersOf = (endpoint: Endpoint, body: string, accept: string) => ({
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  accept,
  ...(endpoint.apiKey !== undefined && { authorization: `Bearer ${endpoint.apiKey}` }),
})

export interface Post {
  readonly body: string
  readonly accept: string
  readonly signal: AbortSignal
}

/** An answer whose head has come. `fault` says why its body broke off, where it did; `release` must follow its use. */
export interface Answered {
  readonly response: IncomingMessage
  /** Set once all that matters has been read. */
  isWhole: boolean
  fault(error: unknown): unknown
  release(): void
}

interface Attempt {
  readonly request: ClientRequest
  readonly head: Promise<IncomingMessage>
  isLate: boolean
}

const attempt = (endpoint: Endpoint, post: Post): Attempt => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = builtin(endpoint.url).request(endpoint.url, {
    method: 'POST',
    agent: endpoint.agent,
    headers: headersOf(endpoint, post.body, post.accept),
    timeout: endpoint.timeoutMs,
  })
  const made: Attempt = { request, head: promise, isLate: false }
  request.once('response', resolve)
  request.on('error', reject)
  // The timer of the socket: it starts again with each byte, so it bounds the wait for the first one and every gap.
  request.once('timeout', () => {
    made.isLate = true
    request.destroy()
  })
  request.end(post.body)
  return made
}

/** A kept connection that the other side closed just as it was taken again; nothing was answered on it. */
const isStale = ({ request }: Attempt, error: unknown): boolean =>
  request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET'

const opened = async (endpoint: Endpoint, post: Post, retries: number): Promise<Answered> => {
  post.signal.throwIfAborted()
  const made = attempt(endpoint, post)
  const onAbort = (): void => void made.request.destroy()
  post.signal.addEventListener('abort', onAbort, { once: true })
  const release = (): void => post.signal.removeEventListener('abort', onAbort)
  const fault = (error: unknown): unknown => {
    if (post.signal.aborted) return post.signal.reason
    return made.isLate ? late(endpoint) : unavailable(endpoint, error)
  }
  try {
    return { response: await made.head, isWhole: false, fault, release }
  } catch (error) {
    release()
    if (retries > 0 && !post.signal.aborted && !made.isLate && isStale(made, error))
      return opened(endpoint, post, retries - 1)
    throw fault(error)
  }
}

/** Sends a request and resolves with the head of the answer. Redirects are not followed. */
export const post = (endpoint: Endpoint, what: Post): Promise<Answered> => opened(endpoint, what, 1)
