import type { PluginRoute, RouteRequest } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { ampleRates } from './support/memory-limits.ts'
import { type TestServer, testServer } from './support/server.ts'

interface Mounted extends TestServer {
  readonly requests: readonly RouteRequest[]
}

/** A server on which `acme.hook` has the routes `/none`, `/token` and `/signature`. */
const mounted = async (
  answer: Awaited<ReturnType<PluginRoute['handle']>>,
  settings: Parameters<typeof testServer>[0] = {},
): Promise<Mounted> => {
  const server = await testServer(settings)
  const requests: RouteRequest[] = []
  Object.assign(server.deps.routes, {
    find: ({ plugin, path }: { plugin: string; path: string }): PluginRoute | undefined => {
      const auth = /^\/(none|token|signature)$/.exec(path)?.[1] as PluginRoute['auth'] | undefined
      if (plugin !== 'acme.hook' || auth === undefined) return undefined
      return {
        auth,
        async handle(request) {
          requests.push(request)
          return answer
        },
      }
    },
  })
  return { ...server, requests }
}
const fine = { status: 200, body: { ok: true }, headers: {} }

describe('a route of a plugin', () => {
  it('is asked without a key, and its answer is JSON with the server’s own headers', async () => {
    const { fetch, requests } = await mounted({ ...fine, status: 202, headers: { 'x-plugin-a': 'b' } })
    const answer = await fetch('/plugins/acme.hook/none?q=1', { key: '' })
    expect([answer.status, await answer.json()]).toEqual([202, { ok: true }])
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('x-plugin-a')).toBe('b')
    expect(requests).toMatchObject([{ query: { q: '1' }, body: undefined }])
  })

  it('is not found where there is none, whoever asks', async () => {
    const { fetch } = await mounted(fine)
    for (const path of [
      '/plugins/acme.hook/other',
      '/plugins/acme.none/none',
      '/plugins/acme.hook/none/more',
    ])
      expect((await fetch(path, { key: '' })).status).toBe(404)
  })

  it('counts a key that it asks for, by whichever address that comes', async () => {
    const limited = { ...ampleRates, default: { limit: 4, windowSeconds: 60, burst: 4 } }
    const rateLimit = { ...limited, exempt: [] }
    const trusting = { rateLimit, trustedProxies: ['127.0.0.0/8'] }
    const { fetch, key } = await mounted(fine, trusting)
    const wide = await key('owner', ['plugins:call'])
    const from = async (n: number): Promise<number> => {
      const headers = { 'x-forwarded-for': `203.0.113.${n}` }
      return (await fetch('/plugins/acme.hook/token', { key: wide, headers })).status
    }
    const seen = []
    for (let n = 1; n <= 5; n++) seen.push(await from(n))
    expect(seen).toEqual([200, 200, 200, 200, 429])
  })

  it('holds no more requests of one peer than its share of the room', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await mounted(fine, { concurrency: 4 })
    Object.assign(server.deps.routes, {
      find: () => ({ auth: 'none', handle: () => gate.promise.then(() => fine) }),
    })
    const asked = Array.from({ length: 4 }, () => server.fetch('/plugins/acme.hook/none', { key: '' }))
    const shed = await Promise.race(asked)
    expect([shed.status, shed.headers.get('retry-after')]).toEqual([503, expect.any(String)])
    expect((await server.fetch('/health/live', { key: '' })).status).toBe(200)
    expect((await server.fetch('/api/keys')).status).toBe(200)
    gate.resolve()
    expect(
      (await Promise.all(asked)).map(({ status }) => status).toSorted((one, other) => one - other),
    ).toEqual([200, 200, 503, 503])
  })

  it('takes a key with plugins:call where it asks for one', async () => {
    const { fetch, key, requests } = await mounted(fine)
    expect((await fetch('/plugins/acme.hook/token', { key: '' })).status).toBe(401)
    const narrow = await key('owner', ['models:read'])
    expect((await fetch('/plugins/acme.hook/token', { key: narrow })).status).toBe(403)
    const wide = await key('owner', ['plugins:call'])
    expect((await fetch('/plugins/acme.hook/token', { key: wide })).status).toBe(200)
    expect(requests).toMatchObject([{ principalId: expect.stringMatching(/^key_/) as string }])
  })

  it('gets JSON, and bytes where they are signed', async () => {
    const { post, requests } = await mounted(fine)
    expect((await post('/plugins/acme.hook/none', { a: 1 })).status).toBe(200)
    const plain = { headers: { 'content-type': 'text/plain' } }
    expect((await post('/plugins/acme.hook/none', 'hello', plain)).status).toBe(415)
    expect((await post('/plugins/acme.hook/signature', 'hello', plain)).status).toBe(200)
    expect(requests.map(({ body, raw }) => [body, Buffer.from(raw).toString()])).toEqual([
      [{ a: 1 }, '{"a":1}'],
      [undefined, 'hello'],
    ])
  })

  it('gets no body of more than 256 KiB', async () => {
    const { post, requests } = await mounted(fine)
    expect((await post('/plugins/acme.hook/none', { text: 'x'.repeat(262_144) })).status).toBe(413)
    expect(requests).toEqual([])
  })

  it('stands in the OpenAPI document as one path', async () => {
    const { fetch } = await mounted(fine)
    const { paths } = (await (await fetch('/openapi.json')).json()) as { paths: Record<string, object> }
    expect(Object.keys(paths['/plugins/{plugin}/{path}'] ?? {}).toSorted()).toEqual(['get', 'post'])
  })
})
