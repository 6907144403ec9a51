import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { builtinHttp } from '../serving/builtin-http.ts'

const asResponse = (incoming: IncomingMessage): Response => {
  const status = incoming.statusCode ?? 500
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, String(value)] as [string, string],
  )
  const empty = status === 204 || status === 304
  if (empty) incoming.resume()
  return new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>), {
    status,
    headers,
  })
}

/** `fetch` through a unix socket. Rejects with `ENOENT` or `ECONNREFUSED` where nobody listens. */
export const socketFetch = (socketPath: string, path: string, init: RequestInit): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers, body, signal } = init
    const sent = builtinHttp().request({
      socketPath,
      path,
      method,
      headers: { host: 'localhost', ...(headers as Record<string, string>) },
      ...(signal && { signal }),
    })
    sent.once('response', (incoming) => resolve(asResponse(incoming)))
    sent.once('error', reject)
    sent.end(body)
  })
