import { describe, expect, it } from 'vitest'
import { guard, outcome, outside, textOf, toHosts } from './outside.ts'

const hostPolicy = toHosts(['allowed.com', '*.wild.com'])
const refusals: Readonly<Record<string, string>> = {
  'http://evil.com/': 'egress.host-refused',
  'http://allowed.com.evil.com/': 'egress.host-refused',
  'http://evilallowed.com/': 'egress.host-refused',
  'http://sub.allowed.com/': 'egress.host-refused',
  'http://wild.com/': 'egress.host-refused',
  'http://a.b.wild.com/': 'egress.host-refused',
  'http://evilwild.com/': 'egress.host-refused',
  'http://allowed.com:22/': 'egress.host-refused',
  'https://allowed.com/': 'egress.host-refused',
  'http://xn--llowed-4ve.com/': 'egress.host-refused',
  'http://allowed.com@evil.com/': 'egress.url-refused',
  'http://user:word@allowed.com/': 'egress.url-refused',
  'http://allowed.com./': 'egress.url-refused',
  'http://evil\u0000.allowed.com/': 'egress.url-refused',
  'http://evil%00.allowed.com/': 'egress.url-refused',
  'http://allowed.com%2f@evil.com/': 'egress.url-refused',
  'http://all\towed.com/': 'egress.url-refused',
  'http://allowed.com/\r\nHost: evil.com': 'egress.url-refused',
  'http:\\\\allowed.com/': 'egress.url-refused',
  'http://allowed.com\\@evil.com/': 'egress.url-refused',
  'http://\u0430llowed.com/': 'egress.url-refused',
  'http://\uff41llowed.com/': 'egress.url-refused',
  'http://127.0.0.1/': 'egress.url-refused',
  'http://0x7f.1/': 'egress.url-refused',
  'http://2130706433/': 'egress.url-refused',
  'http://017700000001/': 'egress.url-refused',
  'http://127.1/': 'egress.url-refused',
  'http://[::1]/': 'egress.url-refused',
  'http://[::ffff:127.0.0.1]/': 'egress.url-refused',
  'http://-allowed.com/': 'egress.url-refused',
  'http://.wild.com/': 'egress.url-refused',
  'http:allowed.com/': 'egress.url-refused',
  '//allowed.com/': 'egress.url-refused',
  'file:///etc/passwd': 'egress.url-refused',
  'ftp://allowed.com/': 'egress.url-refused',
  'data:text/plain,x': 'egress.url-refused',
}

describe('what a caller may reach', () => {
  it.each(Object.entries(refusals))('refuses %j', async (url, code) => {
    let resolved = 0
    const egress = guard({ resolve: async () => (resolved++, ['127.0.0.1']) })
    expect(await outcome(egress, { url }, hostPolicy)).toBe(code)
    expect(resolved).toBe(0)
  })

  it('reaches an exact host with its port, and one label under a wildcard', async () => {
    const { port, requests } = await outside()
    const policy = toHosts([`allowed.com:${port}`, `*.wild.com:${port}`])
    const answer = await guard().fetch({ url: `http://ALLOWED.com:${port}/a?b=c#d` }, policy)
    expect(textOf(answer)).toBe('hello')
    expect(answer.url).toBe(`http://allowed.com:${port}/a?b=c`)
    expect(await outcome(guard(), { url: `http://any.wild.com:${port}` }, policy)).toBe(200)
    expect(requests.map(({ headers, url }) => `${headers.host} ${url}`)).toEqual([
      `allowed.com:${port} /a?b=c`,
      `any.wild.com:${port} /`,
    ])
  })

  it('means port 80 or 443 where a grant names none', async () => {
    const { port } = await outside()
    expect(await outcome(guard(), { url: `http://allowed.com:${port}/` }, hostPolicy)).toBe(
      'egress.host-refused',
    )
  })

  it('allows the methods of the grant, and of no grant more than the usual six', async () => {
    const { port, requests } = await outside()
    const url = `http://allowed.com:${port}/`
    const limited = {
      ...toHosts([]),
      grants: [{ scheme: 'http', host: `allowed.com:${port}`, methods: ['GET'] }],
    } as const
    expect(await outcome(guard(), { url, method: 'GET' }, limited)).toBe(200)
    expect(await outcome(guard(), { url, method: 'DELETE' }, limited)).toBe('egress.method-refused')
    const open = toHosts([`allowed.com:${port}`])
    expect(await outcome(guard(), { url, method: 'DELETE' }, open)).toBe(200)
    for (const method of ['CONNECT', 'TRACE', 'get', 'GET / HTTP/1.1\r\nX: y', ''])
      expect(await outcome(guard(), { url, method }, open)).toBe('egress.method-refused')
    expect(requests).toHaveLength(2)
  })

  it('refuses headers that would change how the request is read', async () => {
    const { port, requests } = await outside()
    const policy = toHosts([`allowed.com:${port}`])
    const names = ['Host', 'Transfer-Encoding', 'Content-Length', 'Connection', 'TE', 'Upgrade', 'Expect']
    const wrong = [
      ...names.map((name) => ({ [name]: 'x' })),
      { 'x\r\nhost': 'evil' },
      { x: 'a\r\nHost: evil' },
      { x: 'a\u0000b' },
      { x: '\u2603' },
      { '': 'x' },
      { 'a b': 'x' },
      { A: '1', a: '2' },
      { x: 'y'.repeat(20_000) },
    ]
    for (const headers of wrong)
      expect(await outcome(guard(), { url: `http://allowed.com:${port}/`, headers }, policy)).toBe(
        'egress.header-refused',
      )
    expect(requests).toHaveLength(0)
  })
})
