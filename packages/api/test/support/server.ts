import { connect } from 'node:net'
import type { Role } from '@covent/core'
import { onTestFinished } from 'vitest'
import { httpConfig } from '../../src/config.ts'
import { type Api, type ApiSettings, createApi } from '../../src/index.ts'
import { ampleRates } from './memory-limits.ts'
import { type MemoryDeps, memoryDeps } from './memory-deps.ts'

export interface TestServer {
  readonly api: Api
  readonly deps: MemoryDeps
  readonly port: number
  readonly owner: string
  /** A new key's text. */
  key(role: Role, scopes?: readonly string[]): Promise<string>
  /** `fetch` of a path, with the owner's key unless another or none (`''`) is given. */
  fetch(path: string, init?: RequestInit & { readonly key?: string }): Promise<Response>
  post(path: string, body: unknown, init?: RequestInit & { readonly key?: string }): Promise<Response>
  /** A new conversation's id. */
  conversation(key?: string): Promise<string>
  /** Sends bytes as they are; resolves with all that came back when the server closes or answered `answers` times. */
  raw(text: string | Buffer, answers?: number): Promise<string>
}

export const settingsOf = (given: Partial<ApiSettings> = {}): ApiSettings => ({
  ...httpConfig.parse({ port: 0, shutdownGraceMs: 500 }),
  rateLimit: ampleRates,
  ...given,
})

const rawExchange = (port: number, bytes: string | Buffer, answers: number): Promise<string> =>
  new Promise((resolve) => {
    let received = ''
    const socket = connect(port, '127.0.0.1')
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (received.split('HTTP/1.1 ').length - 1 >= answers && received.includes('\r\n\r\n'))
        setTimeout(() => socket.destroy(), 30)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(received))
    socket.write(bytes)
  })

/** A listening server on memory parts; it stops with the test. */
export const testServer = async (given: Partial<ApiSettings> = {}): Promise<TestServer> => {
  const deps = memoryDeps()
  const api = createApi(deps, settingsOf(given))
  await api.start()
  onTestFinished(() => api.stop())
  const key = async (role: Role, scopes?: readonly string[]): Promise<string> =>
    (await deps.keys.create({ name: 'test', role, ...(scopes && { scopes }) })).key
  const owner = await key('owner')
  const call: TestServer['fetch'] = (path, { key = owner, ...init } = {}) => {
    const headers = new Headers(init.headers)
    if (key !== '') headers.set('authorization', `Bearer ${key}`)
    return fetch(api.url + path, { ...init, headers })
  }
  const post: TestServer['post'] = (path, body, init = {}) =>
    call(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
    })
  const port = Number(new URL(api.url).port)
  return {
    api,
    deps,
    port,
    owner,
    key,
    fetch: call,
    post,
    raw: (text, answers = 1) => rawExchange(port, text, answers),
    async conversation(key = owner) {
      const created = (await (await post('/api/conversations', {}, { key })).json()) as { id: string }
      return created.id
    },
  }
}
