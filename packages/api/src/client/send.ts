import { AppError, type CodeTable } from '@covent/core'

/** Where the server is: its admin socket, or its address and a key. */
export type Target = { readonly socketPath: string } | { readonly url: string; readonly key?: string }

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** A status that counts as a success, besides those of 2xx. */
  readonly expects?: number
}

/** Sends a request and gives the answer of a success; another one throws an AppError with the server's code. */
export type Send = (path: string, sent?: Sent) => Promise<Response>

interface Told {
  readonly code?: string
  readonly status?: number
  readonly title?: string
  readonly detail?: string
  readonly requestId?: string
  readonly messageId?: string
}

const asAppError = async (response: Response): Promise<AppError> => {
  const told = (await response.json().catch(() => ({}))) as Told
  const { code = 'request.failed', title = `HTTP ${response.status}`, detail = title } = told
  const table: CodeTable = { [code]: { status: response.status, title, remedy: '' } }
  const { requestId, messageId } = told
  return new AppError({ table, code }, detail, { data: { requestId, messageId } })
}

const initOf = ({ method = 'GET', body, headers, signal }: Sent, key: string | undefined): RequestInit => ({
  method,
  headers: {
    ...headers,
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  },
  ...(body !== undefined && { body: JSON.stringify(body) }),
  ...(signal !== undefined && { signal }),
})

/** Loaded only where a socket is used, so that pages can bundle the client. */
const overSocket = async (socketPath: string, path: string, init: RequestInit): Promise<Response> => {
  const { socketFetch } = await import('./socket-fetch.ts')
  return socketFetch(socketPath, path, init)
}

export const sender = (target: Target): Send => {
  const go = (path: string, sent: Sent): Promise<Response> =>
    'socketPath' in target
      ? overSocket(target.socketPath, path, initOf(sent, undefined))
      : fetch(new URL(path, target.url), initOf(sent, target.key))
  return async (path, sent = {}) => {
    const response = await go(path, sent)
    if (!response.ok && response.status !== sent.expects) throw await asAppError(response)
    return response
  }
}
