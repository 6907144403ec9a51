import { createHmac } from 'node:crypto'
import type { Egress } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, pluginSource, startHost } from './start-host.ts'

const secret = 'of the operator'
const routes = (
  permission = `'net:inbound:listen': { routes: ['/open', '/keyed', '/signed', '/odd'], reason: 'Take webhooks' }`,
) => `
  permissions: { required: { ${permission} } },
  routes: [
    { method: 'GET', path: '/open', auth: 'none', handle: async (request) => ({ status: 200, body: request }) },
    { method: 'POST', path: '/signed', auth: 'signature', handle: async ({ rawBody }) => {
      if (String.fromCharCode(...rawBody) === 'fail') throw new Error('no')
      return { status: 202, body: { bytes: rawBody.length }, headers: { 'x-plugin-seen': 'yes' } } } },
    { method: 'POST', path: '/odd', auth: 'none', handle: async ({ body }) => body },
    { method: 'GET', path: '/undeclared', auth: 'none', handle: async () => ({ status: 200 }) },
  ],`
const open = async (more = routes()) => {
  const started = await startHost({
    bundled: [bundle('hook', pluginSource('acme.hook', { more, actions: {} }))],
    plugins: { routeSecrets: { 'acme.hook': 'HOOK' } },
    wayOut: {
      egress: {} as Egress,
      secrets: { get: async (name) => (name === 'HOOK' ? secret : undefined) },
    },
  })
  const ask = (method: string, path: string, more: object = {}) => {
    const request = { query: {}, headers: {}, raw: new Uint8Array(), body: undefined, ...more }
    const found = started.host.routes.find({ plugin: 'acme.hook', method, path })
    return found?.handle(request, { signal: new AbortController().signal })
  }
  const code = (...asked: Parameters<typeof ask>) =>
    ask(...asked)?.then(
      () => 'answered',
      (error: { readonly code?: string }) => error.code,
    )
  return { ...started, ask, code }
}

const signed = (text: string, { id = 'msg_1', atMs = Date.now(), by = secret } = {}) => {
  const timestamp = String(Math.floor(atMs / 1_000))
  const hmac = createHmac('sha256', by).update(`${id}.${timestamp}.${text}`).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${hmac}` }
  return { raw: Buffer.from(text), headers }
}

describeWith('bubblewrap', 'a route of a plugin', () => {
  it('answers with what it may see of the request', async () => {
    const { ask } = await open()
    const headers = {
      authorization: 'Bearer x',
      cookie: 'a=b',
      'x-github-event': 'push',
      'x-covent-token': 't',
    }
    expect(await ask('GET', '/open', { query: { q: '1' }, headers, principalId: '' })).toEqual({
      status: 200,
      body: { query: { q: '1' }, headers: { 'x-github-event': 'push' } },
      headers: {},
    })
  })

  it('is not there where the manifest, the permission or the method does not name it', async () => {
    const { ask } = await open()
    for (const [method, path] of [
      ['GET', '/undeclared'],
      ['POST', '/open'],
      ['GET', '/open/'],
      ['GET', '/x'],
    ] as const)
      expect(ask(method, path)).toBeUndefined()
    const bare = await open(routes(''))
    expect(bare.ask('GET', '/open')).toBeUndefined()
  })

  it('takes what is signed now by the operator’s secret, once', async () => {
    const { ask, code } = await open()
    const request = signed('hello')
    expect(await ask('POST', '/signed', request)).toEqual({
      status: 202,
      body: { bytes: 5 },
      headers: { 'x-plugin-seen': 'yes' },
    })
    const refused = 'auth.signature-invalid'
    expect(await code('POST', '/signed', request)).toBe(refused)
    expect(await code('POST', '/signed', {})).toBe(refused)
    expect(await code('POST', '/signed', signed('x', { id: 'a', by: 'another' }))).toBe(refused)
    expect(await code('POST', '/signed', { ...signed('x', { id: 'b' }), raw: Buffer.from('y') })).toBe(
      refused,
    )
    for (const minutes of [-6, 6])
      expect(
        await code('POST', '/signed', signed('x', { id: 'c', atMs: Date.now() + minutes * 60_000 })),
      ).toBe(refused)
  })

  it('takes what is signed again where it failed', async () => {
    const { code } = await open()
    for (let n = 0; n < 2; n++)
      expect(await code('POST', '/signed', signed('fail'))).toBe('plugin.action-failed')
  })

  it.each([
    { status: 100 },
    { status: 200, headers: { 'set-cookie': 'a=b' } },
    { status: 200, headers: { 'x-plugin-a': 'a\r\nb: c' } },
    'hello',
  ])('does not answer with %j', async (body) => {
    const { code } = await open()
    expect(await code('POST', '/odd', { body })).toBe('plugin.output-invalid')
  })

  it('is limited where it takes no key', async () => {
    const { code } = await open()
    const all = await Promise.all(
      Array.from({ length: 150 }, async () => code('POST', '/odd', { body: { status: 200 } })),
    )
    expect(all).toContain('limit.exceeded')
  })
})
