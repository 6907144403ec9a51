import type { Http, HttpRequest, HttpResponse } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>
interface Answer {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const orAborted = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  signal === undefined
    ? work
    : new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        work.then(resolve, reject)
      })

const responseOf = ({ url, status, headers, body }: Answer): HttpResponse => {
  const text = (): string => new TextDecoder().decode(body)
  return {
    url,
    status,
    headers,
    bytes: () => body,
    text: async () => text(),
    json: async (schema) => schema.parseAsync(JSON.parse(text())),
  }
}

/** The plugin's side of `ctx.http`: the host decides, and sends. */
export const http = (ask: Ask): Http<string> => {
  const request = async (
    url: string,
    { method, headers, body, signal }: HttpRequest,
  ): Promise<HttpResponse> => {
    signal?.throwIfAborted()
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    const asked = ask('http.fetch', { url, method, headers: { ...headers }, body: bytes })
    return responseOf((await orAborted(asked, signal)) as Answer)
  }
  return { request, get: (url, options = {}) => request(url, { ...options, method: 'GET' }) }
}
