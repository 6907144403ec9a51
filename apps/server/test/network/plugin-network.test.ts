import { describeWith } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { elsewhere, fetcher, networked } from './support.ts'

const reason = 'For a test'
const hello = () => elsewhere((_, response) => response.setHeader('x-seen', 'yes').end('hello'))
const http = (...hosts: readonly string[]) => ({ 'net:outbound:http': { hosts, reason } })
const open = { network: { allowPrivate: ['acme.fetcher'] } }
const id = 'acme.fetcher'

describeWith('bubblewrap', 'plugins on the network', () => {
  it('reach the hosts of their manifest through the host', async () => {
    const server = await hello()
    const host = `api.there.com:${server.port}`
    const { call, denials } = await networked({ bundled: fetcher({ required: http(host) }), plugins: open })
    const request = { url: `http://${host}/a?b=1`, method: 'POST', body: 'data', headers: { 'X-Own': '1' } }
    expect(await call(id, 'fetch', request)).toMatchObject({
      status: 200,
      headers: { 'x-seen': 'yes' },
      text: 'hello',
    })
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/a?b=1' })
    expect(server.requests[0]!.headers).toMatchObject({ host, 'x-own': '1', 'content-length': '4' })
    expect(denials).toEqual([])
  })

  it('reach no other, and the refusal says which line of the manifest would allow it', async () => {
    const server = await hello()
    const { refusal, call, denials } = await networked({
      bundled: fetcher({ required: http('api.there.com') }),
      plugins: open,
    })
    const error = await refusal(id, 'fetch', { url: `http://evil.com:${server.port}/` })
    const line = `"net:outbound:http": { "hosts": ["evil.com:${server.port}"], "reason": "…" } under permissions.required of its manifest`
    expect(error).toMatchObject({ code: 'plugin.permission-denied' })
    expect(error!.message).toContain(line)
    expect(denials).toEqual([
      {
        plugin: id,
        permission: 'net:outbound:http',
        target: `http://evil.com:${server.port}`,
        allowedBy: line,
      },
    ])
    expect(await call(id, 'code', { url: 'https://api.there.com/' })).toBe('plugin.permission-denied')
    expect(denials[1]).toMatchObject({
      permission: 'net:outbound:https',
      target: 'https://api.there.com',
      allowedBy: expect.stringContaining('"net:outbound:https": { "hosts": ["api.there.com"]'),
    })
    expect(server.requests).toEqual([])
  })

  it('are refused a method that their manifest leaves out', async () => {
    const server = await hello()
    const host = `api.there.com:${server.port}`
    const required = { 'net:outbound:http': { hosts: [host], methods: ['GET'], reason } }
    const { refusal, denials } = await networked({ bundled: fetcher({ required }), plugins: open })
    const error = await refusal(id, 'fetch', { url: `http://${host}/`, method: 'DELETE' })
    expect(error).toMatchObject({ code: 'plugin.permission-denied' })
    expect(denials[0]).toMatchObject({ target: `DELETE http://${host}` })
    expect(server.requests).toEqual([])
  })

  it('are refused what they ask for past the SDK', async () => {
    const server = await hello()
    const { call, denials } = await networked({ bundled: fetcher({}), plugins: open })
    expect(await call(id, 'facets')).toEqual({ own: false, optional: false })
    await call(id, 'sneak', { url: `http://there.com:${server.port}/` })
    expect(denials).toMatchObject([{ plugin: id, permission: 'net:outbound:http' }])
    expect(server.requests).toEqual([])
  })

  it('reach private addresses where the operator says so, and metadata never', async () => {
    const server = await hello()
    const host = `api.there.com:${server.port}`
    const bundled = fetcher({ required: http(host) })
    const closed = await networked({ bundled })
    const error = await closed.refusal(id, 'fetch', { url: `http://${host}/` })
    expect(error!.message).toContain('"acme.fetcher" in the setting plugins.network.allowPrivate')
    expect(closed.denials[0]).toMatchObject({ target: 'api.there.com' })
    const metadata = await networked({
      bundled,
      plugins: open,
      resolve: async () => ['169.254.169.254'],
    })
    const refused = await metadata.refusal(id, 'fetch', { url: `http://${host}/` })
    expect(refused!.message).toContain('an address that no plugin may reach')
    expect(server.requests).toEqual([])
  })

  it('are refused where a granted host sends them on to another', async () => {
    const secret = await elsewhere((_, response) => response.end('internal'))
    const server = await elsewhere((_, response) =>
      response.writeHead(302, { location: `http://internal.com:${secret.port}/` }).end(),
    )
    const host = `api.there.com:${server.port}`
    const { call, denials } = await networked({ bundled: fetcher({ required: http(host) }), plugins: open })
    expect(await call(id, 'code', { url: `http://${host}/` })).toBe('plugin.permission-denied')
    expect(denials[0]).toMatchObject({ target: `http://internal.com:${secret.port}` })
    expect(secret.requests).toEqual([])
  })

  it('see failures of the network by their codes, and answers of up to a megabyte', async () => {
    const server = await elsewhere((request, response) =>
      response.end(Buffer.alloc(Number(request.url!.slice(1)), 'x')),
    )
    const host = `api.there.com:${server.port}`
    const bundled = fetcher({ required: http(host, 'nobody.com:9') })
    const { call } = await networked({ bundled, plugins: open })
    expect(await call(id, 'code', { url: `http://${host}/1000000` })).toBe(200)
    expect(await call(id, 'code', { url: `http://${host}/1000001` })).toBe('egress.response-too-large')
    expect(await call(id, 'code', { url: 'http://nobody.com:9/' })).toBe('egress.connection-failed')
    expect(await call(id, 'code', { url: `http://u:p@${host}/` })).toBe('egress.url-refused')
    expect(await call(id, 'code', { url: 5 })).toBe('plugin.permission-denied')
  })

  describe('of somebody else', () => {
    const own = { allowUnsigned: true, ...open }

    it('need the operator’s grant besides their manifest', async () => {
      const server = await hello()
      const host = `api.there.com:${server.port}`
      const installed = fetcher({ required: http(host) })
      const withheld = await networked({ installed, plugins: own })
      // What it requires is there, so that the refusal can say how it is granted.
      expect(await withheld.call(id, 'facets')).toEqual({ own: true, optional: false })
      await withheld.call(id, 'sneak', { url: `http://${host}/` })
      expect(withheld.denials[0]!.allowedBy).toContain(
        'and "net:outbound:http" in the setting plugins.grants["acme.fetcher"]',
      )
      expect(server.requests).toEqual([])
      const grants = { [id]: ['net:outbound:http'] }
      const granted = await networked({ installed, plugins: { ...own, grants } })
      expect(await granted.call(id, 'code', { url: `http://${host}/` })).toBe(200)
    })

    it('get no secret that the operator did not let them have', async () => {
      const server = await elsewhere((request, response) => response.end(request.headers.authorization))
      const host = `api.there.com:${server.port}`
      const inject = { header: 'Authorization', format: 'Bearer {value}', hosts: [host] }
      const installed = fetcher({
        required: http(host),
        secrets: { OPERATOR_KEY: { description: 'The key', inject } },
      })
      const grants = { [id]: ['net:outbound:http'] }
      const secrets = { OPERATOR_KEY: 'sk-of-the-operator' }
      const withheld = await networked({ installed, plugins: { ...own, grants }, secrets })
      const error = await withheld.refusal(id, 'fetch', { url: `http://${host}/` })
      expect(error).toMatchObject({ code: 'plugin.permission-denied' })
      expect(error!.message).toContain('"OPERATOR_KEY" in the setting plugins.secrets["acme.fetcher"]')
      expect(server.requests).toEqual([])
      const given = { ...own, grants, secrets: { [id]: ['OPERATOR_KEY'] } }
      const granted = await networked({ installed, plugins: given, secrets })
      expect(await granted.call(id, 'fetch', { url: `http://${host}/` })).toMatchObject({
        text: 'Bearer [secret]',
      })
      expect(server.requests[0]!.headers.authorization).toBe('Bearer sk-of-the-operator')
    })
  })

  it('look up the names of their manifest, and no other', async () => {
    const required = { 'net:dns': { names: ['*.there.com', 'home.there.com'], reason } }
    const resolve = async (host: string) => [host === 'home.there.com' ? '10.0.0.7' : '93.184.215.14']
    const { call, refusal, denials } = await networked({ bundled: fetcher({ required }), resolve })
    expect(await call(id, 'resolve', { name: 'api.there.com' })).toEqual(['93.184.215.14'])
    const error = await refusal(id, 'resolve', { name: 'data.evil.com' })
    expect(error!.message).toContain('"net:dns": { "names": ["data.evil.com"], "reason": "…" }')
    expect(denials).toMatchObject([{ permission: 'net:dns', target: 'data.evil.com' }])
    expect((await refusal(id, 'resolve', { name: 'home.there.com' }))!.message).toContain('private')
  })

  it('use secrets that they never see, at the hosts that the manifest binds them to', async () => {
    const echo = await elsewhere((request, response) => response.end(request.headers['x-key'] ?? 'none'))
    const bound = `api.there.com:${echo.port}`
    const other = `other.com:${echo.port}`
    const inject = { header: 'X-Key', hosts: [bound] }
    const bundled = fetcher({
      required: http(bound, other),
      secrets: {
        THE_KEY: { description: 'The key', inject },
        NOT_SET: { description: 'Not there', required: false, inject: { header: 'X-Other', hosts: [bound] } },
      },
    })
    const { call } = await networked({ bundled, plugins: open, secrets: { THE_KEY: 'topsecret-1' } })
    expect(await call(id, 'fetch', { url: `http://${bound}/` })).toMatchObject({ text: '[secret]' })
    expect(await call(id, 'fetch', { url: `http://${other}/` })).toMatchObject({ text: 'none' })
    expect(echo.requests[0]!.headers['x-key']).toBe('topsecret-1')
    expect(echo.requests[0]!.headers['x-other']).toBeUndefined()
    const unset = await networked({ bundled, plugins: open })
    const error = await unset.refusal(id, 'fetch', { url: `http://${bound}/` })
    expect(error!.message).toContain('THE_KEY, which has no value')
  })
})
