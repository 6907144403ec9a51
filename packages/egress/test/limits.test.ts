import { gzipSync } from 'node:zlib'
import { AppError } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { fixture, guard, outcome, outside, outsideTls, textOf, toHosts } from './outside.ts'

describe('limits', () => {
  it('refuses a body that is larger than allowed, and sends nothing of it', async () => {
    const { port, requests } = await outside()
    const policy = toHosts([`a.com:${port}`], { limits: { requestBytes: 10 } })
    const request = { url: `http://a.com:${port}/`, method: 'POST' }
    expect(await outcome(guard(), { ...request, body: Buffer.alloc(11) }, policy)).toBe(
      'egress.request-too-large',
    )
    expect(requests).toHaveLength(0)
    expect(await outcome(guard(), { ...request, body: Buffer.alloc(10) }, policy)).toBe(200)
  })

  it('cuts off a response that is larger than allowed, also one that only unpacks to that', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const server = await outside((request, response) => {
      if (request.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
      else if (request.url === '/fits') response.end(Buffer.alloc(100_000))
      else response.end(Buffer.alloc(100_001))
    })
    const policy = toHosts([`a.com:${server.port}`], { limits: { responseBytes: 100_000 } })
    const get = (path: string) => outcome(guard(), { url: `http://a.com:${server.port}${path}` }, policy)
    expect(bomb.length).toBeLessThan(100_000)
    expect(await get('/fits')).toBe(200)
    expect(await get('/over')).toBe('egress.response-too-large')
    expect(await get('/bomb')).toBe('egress.response-too-large')
  })

  it('unpacks what it asked for, and refuses what it cannot read', async () => {
    const server = await outside((request, response) => {
      const coding = request.url!.slice(1)
      response.writeHead(200, { 'content-encoding': coding }).end(gzipSync('unpacked'))
    })
    const policy = toHosts([`a.com:${server.port}`])
    const answer = await guard().fetch({ url: `http://a.com:${server.port}/gzip` }, policy)
    expect(textOf(answer)).toBe('unpacked')
    expect(answer.headers['content-encoding']).toBeUndefined()
    for (const coding of ['zstd', 'gzip,%20gzip', 'br'])
      expect(await outcome(guard(), { url: `http://a.com:${server.port}/${coding}` }, policy)).toBe(
        'egress.response-invalid',
      )
  })

  it('gives up on a server that does not answer, or does not go on', async () => {
    const server = await outside((request, response) => {
      if (request.url === '/drip') response.write('a')
    })
    const policy = toHosts([`a.com:${server.port}`], { limits: { timeoutMs: 100 } })
    for (const path of ['/silent', '/drip'])
      expect(await outcome(guard(), { url: `http://a.com:${server.port}${path}` }, policy)).toBe(
        'egress.timeout',
      )
  })

  it('gives up on a resolver that does not answer', async () => {
    const egress = guard({ resolve: () => new Promise(() => {}) })
    const policy = toHosts(['a.com'], { limits: { timeoutMs: 50 } })
    expect(await outcome(egress, { url: 'http://a.com/' }, policy)).toBe('egress.timeout')
  })

  it('ends when its caller gives up', async () => {
    const server = await outside(() => {})
    const caller = new AbortController()
    const request = { url: `http://a.com:${server.port}/`, signal: caller.signal }
    const answer = guard().fetch(request, toHosts([`a.com:${server.port}`]))
    caller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })

  it('counts the requests under way by caller', async () => {
    const waiting: (() => void)[] = []
    const server = await outside((_, response) => void waiting.push(() => response.end()))
    const egress = guard()
    const url = `http://a.com:${server.port}/`
    const policy = toHosts([`a.com:${server.port}`], { limits: { concurrency: 2 } })
    const two = [egress.fetch({ url }, policy), egress.fetch({ url }, policy)]
    expect(await outcome(egress, { url }, policy)).toBe('egress.busy')
    const other = egress.fetch({ url }, { ...policy, caller: 'acme.other' })
    while (waiting.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    for (const end of waiting) end()
    await Promise.all([...two, other])
    const later = egress.fetch({ url }, policy)
    while (waiting.length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    waiting[3]!()
    expect((await later).status).toBe(200)
  })

  it('makes a caller wait that is over its bytes per second, both ways', async () => {
    const server = await outside((_, response) => response.end(Buffer.alloc(10_000)))
    const slept: number[] = []
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      sleep: (ms: number) =>
        ms === 9_999 ? new Promise<void>(() => {}) : (slept.push(ms), Promise.resolve()),
    }
    const limits = { bytesPerSecond: 10_000, timeoutMs: 9_999 }
    const policy = toHosts([`a.com:${server.port}`], { limits })
    const egress = guard({ clock })
    await egress.fetch({ url: `http://a.com:${server.port}/` }, policy)
    expect(slept).toEqual([])
    await egress.fetch(
      { url: `http://a.com:${server.port}/`, method: 'POST', body: Buffer.alloc(5_000) },
      policy,
    )
    expect(slept[0]).toBe(500)
    expect(slept.at(-1)).toBe(1_500)
  })

  it('takes headers of any name for what they are, names', async () => {
    const server = await outside((_, response) => {
      response.socket!.end(
        'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\ncontent-length: 0\r\nx: 1\r\nx: 2\r\n\r\n',
      )
    })
    const policy = toHosts([`a.com:${server.port}`])
    const { headers } = await guard().fetch({ url: `http://a.com:${server.port}/` }, policy)
    expect(Object.entries(headers)).toEqual([
      ['constructor', 'b'],
      ['x', '1, 2'],
    ])
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
  })

  it('says in a code that nobody listens, and that an answer is no HTTP', async () => {
    const policy = toHosts(['a.com:9'])
    const refused = guard().fetch({ url: 'http://a.com:9/' }, policy)
    await expect(refused).rejects.toThrow('the connection failed (ECONNREFUSED)')
    await expect(refused).rejects.not.toThrow('127.0.0.1')
    const server = await outside((_, response) => response.socket!.end('nonsense\r\n\r\n'))
    const url = `http://a.com:${server.port}/`
    expect(await outcome(guard(), { url }, toHosts([`a.com:${server.port}`]))).toBe('egress.response-invalid')
  })
})

describe('over TLS', () => {
  const https = (host: string) => ({ ...toHosts([]), grants: [{ scheme: 'https', host }] as const })

  it('checks the certificate against the name, though it connects to an address', async () => {
    const ca = fixture('test-only.cert.pem')
    const server = await outsideTls((request, response) => response.end(request.headers.host))
    const egress = guard({ ca })
    const host = `api.example.test:${server.port}`
    expect(textOf(await egress.fetch({ url: `https://${host}/` }, https(host)))).toBe(host)
    const other = `other.example.test:${server.port}`
    const refused: unknown = await egress
      .fetch({ url: `https://${other}/` }, https(other))
      .catch((e: unknown) => e)
    expect(AppError.is(refused, 'egress.connection-failed')).toBe(true)
    expect(String(refused)).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(server.requests).toHaveLength(1)
  })

  it('refuses a certificate that nobody vouches for', async () => {
    const server = await outsideTls((_, response) => response.end())
    const host = `api.example.test:${server.port}`
    await expect(guard().fetch({ url: `https://${host}/` }, https(host))).rejects.toThrow(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    )
  })
})
