import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { secretsFor } from '../src/secrets/injection.ts'
import { maskOf } from '../src/secrets/mask.ts'
import { parseTarget } from '../src/target.ts'
import { guard, outcome, outside, textOf, toHosts } from './outside.ts'

const value = 'sk-test/123+abc=Z z'
const secretFor = (...hosts: readonly string[]) => [
  { header: 'Authorization', format: 'Bearer {value}', hosts, value },
]

const echo: RequestListener = (request, response) => {
  const sent = request.headers.authorization ?? 'nothing'
  const bytes = Buffer.from(sent)
  const plain = sent.slice('Bearer '.length)
  response.setHeader('x-reflected', encodeURIComponent(sent))
  const forms = {
    sent,
    base64: bytes.toString('base64'),
    alone: Buffer.from(plain).toString('base64'),
    shifted: Buffer.from(`x${plain}y`).toString('base64'),
    urlSafe: bytes.toString('base64url'),
    encoded: encodeURIComponent(plain),
    form: new URLSearchParams({ plain }).toString(),
    hex: bytes.toString('hex'),
    upper: plain.toUpperCase(),
  }
  response.end(JSON.stringify(forms))
}

describe('injected secrets', () => {
  it('go out to their own host, and come back masked in whatever form it reflects them', async () => {
    const server = await outside(echo)
    const host = `a.com:${server.port}`
    const policy = { ...toHosts([host]), secrets: secretFor(host) }
    const answer = await guard().fetch({ url: `http://${host}/` }, policy)
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${value}`)
    const seen = `${textOf(answer)}\n${JSON.stringify(answer.headers)}`
    expect(JSON.parse(textOf(answer))).toMatchObject({ sent: 'Bearer [secret]', encoded: '[secret]' })
    expect(answer.headers['x-reflected']).toBe('Bearer%20[secret]')
    const leaks = [value, encodeURIComponent(value), 'sk-test', Buffer.from(value).toString('hex')]
    for (const leak of leaks) expect(seen.toLowerCase()).not.toContain(leak.toLowerCase())
    for (const found of seen.match(/[A-Za-z0-9+/_-]{8,}/g) ?? [])
      expect(Buffer.from(found, 'base64').toString()).not.toMatch(/sk-test|123\+abc/)
  })

  it('reach no other granted host, and no redirect takes them there', async () => {
    const other = await outside(echo)
    const server = await outside((_, response) =>
      response.writeHead(307, { location: `http://b.com:${other.port}/` }).end(),
    )
    const hosts = [`a.com:${server.port}`, `b.com:${other.port}`]
    const policy = { ...toHosts(hosts), secrets: secretFor(hosts[0]!) }
    await guard().fetch({ url: `http://${hosts[1]!}/` }, policy)
    await guard().fetch({ url: `http://${hosts[0]!}/` }, policy)
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${value}`)
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  it('win over what the caller sends under the same name', async () => {
    const server = await outside(echo)
    const host = `a.com:${server.port}`
    const policy = { ...toHosts([host]), secrets: secretFor(host) }
    await guard().fetch({ url: `http://${host}/`, headers: { AUTHORIZATION: 'Bearer other' } }, policy)
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${value}`)
  })

  it('travel in clear text in private networks only', () => {
    const secrets = secretFor('a.com')
    expect(secretsFor(secrets, parseTarget('http://a.com/', ['http']), false)).toEqual([])
    expect(secretsFor(secrets, parseTarget('http://a.com/', ['http']), true)).toEqual(secrets)
    expect(secretsFor(secrets, parseTarget('https://a.com/', ['https']), false)).toEqual(secrets)
  })

  it('are not handed out in pieces', async () => {
    const server = await outside(echo)
    const host = `a.com:${server.port}`
    const policy = { ...toHosts([host]), secrets: secretFor(host) }
    const request = { url: `http://${host}/`, headers: { Range: 'bytes=0-3' } }
    expect(await outcome(guard(), request, policy)).toBe('egress.header-refused')
    expect(server.requests).toHaveLength(0)
  })

  it('are not sent where they would break the header', async () => {
    const server = await outside(echo)
    const host = `a.com:${server.port}`
    const broken = [{ header: 'x-key', format: '{value}', hosts: [host], value: 'a\r\nHost: b' }]
    const refused = guard().fetch({ url: `http://${host}/` }, { ...toHosts([host]), secrets: broken })
    await expect(refused).rejects.toMatchObject({ code: 'egress.header-refused' })
    await expect(refused).rejects.not.toThrow('Host: b')
  })
})

describe('the mask', () => {
  it('leaves the rest of a body as it is, byte by byte', () => {
    const binary = Buffer.from([0, 255, 128, 10, ...Buffer.from('für topsecret!'), 254])
    const masked = maskOf(['topsecret']).bytes(binary)
    expect(masked).toEqual(Buffer.from([0, 255, 128, 10, ...Buffer.from('für [secret]!'), 254]))
    expect(maskOf([]).bytes(binary)).toBe(binary)
  })

  it('knows values that hold signs of patterns, and letters of any alphabet', () => {
    const mask = maskOf(['a.b*(c)[d]$&', 'schlüssel'])
    expect(mask.bytes(Buffer.from('<a.b*(c)[d]$&> aXb schlüssel')).toString()).toBe('<[secret]> aXb [secret]')
  })
})
