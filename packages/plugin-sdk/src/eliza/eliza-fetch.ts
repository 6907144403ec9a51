import type { Http, HttpResponse } from '../contract/facets/http.ts'

/** What of `fetch` classic plugins use. */
export interface ElizaResponse {
  readonly ok: boolean
  readonly status: number
  readonly url: string
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  json(): Promise<unknown>
  arrayBuffer(): Promise<ArrayBuffer>
}

export interface ElizaFetchOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
}

export type ElizaFetch = (url: string | URL, options?: ElizaFetchOptions) => Promise<ElizaResponse>

const responseOf = (response: HttpResponse): ElizaResponse => ({
  ok: response.status >= 200 && response.status < 300,
  status: response.status,
  url: response.url,
  headers: {
    get: (name) =>
      Object.hasOwn(response.headers, name.toLowerCase()) ? response.headers[name.toLowerCase()]! : null,
  },
  text: () => response.text(),
  json: async () => JSON.parse(await response.text()) as unknown,
  arrayBuffer: async () => new Uint8Array(response.bytes()).buffer,
})

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** `fetch`, as `ctx.http` answers it: hosts and methods are those that were granted. */
export const elizaFetch =
  (http: Http<string>): ElizaFetch =>
  async (url, { method = 'GET', ...options } = {}) => {
    const known = methods.find((one) => one === method.toUpperCase())
    if (known === undefined) throw new Error(`fetch: ${method} is no method that is offered`)
    return responseOf(await http.request(String(url), { ...options, method: known }))
  }
