import type { PluginRoute, RouteRequest } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { type TestServer, testServer } from './support/server.ts'

interface Mounted extends TestServer {
  readonly requests: readonly RouteRequest[]
}

/** A server on which `acme.hook` has the routes `/none`, `/token` and `/signature`. */
const mounted = async (answer: Awaited<ReturnType<PluginRoute['handle']>>): Promise<Mounted> => {
  const server = await testServer()
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
