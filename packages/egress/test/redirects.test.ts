import { describe, expect, it } from 'vitest'
import { guard, outcome, outside, textOf, toHosts } from './outside.ts'

const redirecting = (location: string, status = 302) =>
  outside((_, response) => response.writeHead(status, { location }).end('moved'))

describe('redirects', () => {
  it('follows one to a granted place', async () => {
    const end = await outside()
    const start = await redirecting(`http://b.com:${end.port}/there`)
    const policy = toHosts([`a.com:${start.port}`, `b.com:${end.port}`])
    const answer = await guard().fetch({ url: `http://a.com:${start.port}/` }, policy)
    expect(answer).toMatchObject({ status: 200, url: `http://b.com:${end.port}/there` })
    expect(textOf(answer)).toBe('hello')
  })

  it('refuses one that leads elsewhere, where a plain fetch follows', async () => {
    const internal = await outside((_, response) => response.end('metadata'))
    const start = await redirecting(`http://127.0.0.1:${internal.port}/latest/meta-data`)
    const plain = await fetch(`http://127.0.0.1:${start.port}/`)
    expect(await plain.text()).toBe('metadata')
    const policy = toHosts([`a.com:${start.port}`])
    expect(await outcome(guard(), { url: `http://a.com:${start.port}/` }, policy)).toBe('egress.url-refused')
    expect(internal.requests).toHaveLength(1)
  })

  it.each([
    ['http://169.254.169.254/latest/meta-data/', 'egress.url-refused'],
    ['http://[::ffff:169.254.169.254]/', 'egress.url-refused'],
    ['//evil.com/', 'egress.host-refused'],
    ['https://a.com/', 'egress.host-refused'],
    ['http://a.com:22/', 'egress.host-refused'],
    ['http://a.com@evil.com/', 'egress.url-refused'],
    ['file:///etc/passwd', 'egress.url-refused'],
    ['http://', 'egress.response-invalid'],
  ])('refuses one to %s', async (location, code) => {
    const start = await redirecting(location)
    const policy = toHosts([`a.com:${start.port}`])
    expect(await outcome(guard(), { url: `http://a.com:${start.port}/` }, policy)).toBe(code)
  })

  it('refuses one to a granted name that stands for a metadata address', async () => {
    const start = await redirecting('http://b.com/')
    const resolve = async (host: string) => [host === 'b.com' ? '169.254.169.254' : '127.0.0.1']
    const policy = toHosts([`a.com:${start.port}`, 'b.com'])
    expect(await outcome(guard({ resolve }), { url: `http://a.com:${start.port}/` }, policy)).toBe(
      'egress.address-refused',
    )
  })

  it('leaves credentials behind at another origin, and keeps them at the same', async () => {
    const end = await outside((request, response) => {
      if (request.url === '/first') response.writeHead(302, { location: '/second' }).end()
      else response.end('end')
    })
    const start = await redirecting(`http://b.com:${end.port}/first`, 307)
    const policy = toHosts([`a.com:${start.port}`, `b.com:${end.port}`])
    const headers = { authorization: 'Bearer mine', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/plain' }
    await guard().fetch({ url: `http://a.com:${start.port}/`, headers }, policy)
    expect(start.requests[0]!.headers).toMatchObject(headers)
    expect(end.requests).toHaveLength(2)
    for (const name of ['authorization', 'cookie', 'x-api-key'])
      expect(end.requests[0]!.headers[name]).toBeUndefined()
    expect(end.requests[0]!.headers.accept).toBe('text/plain')
    const same = toHosts([`b.com:${end.port}`])
    await guard().fetch({ url: `http://b.com:${end.port}/first`, headers }, same)
    expect(end.requests[3]!.headers.authorization).toBe('Bearer mine')
  })

  it('turns a POST into a GET as browsers do, and repeats it after 307', async () => {
    const seen: string[] = []
    const server = await outside((request, response) => {
      const { url = '', method } = request
      let body = ''
      request.on('data', (data) => (body += String(data)))
      request.on('end', () => {
        seen.push(`${method} ${url} ${body}`)
        const status = Number(url.slice(1))
        if (status > 0) response.writeHead(status, { location: '/' }).end()
        else response.end()
      })
    })
    const policy = toHosts([`a.com:${server.port}`])
    const body = Buffer.from('data')
    for (const status of [303, 302, 307])
      await guard().fetch({ url: `http://a.com:${server.port}/${status}`, method: 'POST', body }, policy)
    expect(seen).toEqual([
      'POST /303 data',
      'GET / ',
      'POST /302 data',
      'GET / ',
      'POST /307 data',
      'POST / data',
    ])
  })

  it('asks the grants for the method of each hop', async () => {
    const end = await outside()
    const start = await redirecting(`http://b.com:${end.port}/`, 307)
    const grants = [
      { scheme: 'http', host: `a.com:${start.port}` },
      { scheme: 'http', host: `b.com:${end.port}`, methods: ['GET'] },
    ] as const
    const request = { url: `http://a.com:${start.port}/`, method: 'POST' }
    expect(await outcome(guard(), request, { ...toHosts([]), grants })).toBe('egress.method-refused')
    expect(end.requests).toHaveLength(0)
  })

  it('gives up a chain without end', async () => {
    const server = await redirecting('/again')
    const policy = toHosts([`a.com:${server.port}`])
    expect(await outcome(guard(), { url: `http://a.com:${server.port}/` }, policy)).toBe(
      'egress.redirect-refused',
    )
    expect(server.requests).toHaveLength(6)
  })
})
