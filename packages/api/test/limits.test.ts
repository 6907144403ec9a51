import { expect, it } from 'vitest'
import type { RateSettings } from '../src/index.ts'
import { peerKey } from '../src/limits/addresses.ts'
import { fairShare } from '../src/limits/fair-share.ts'
import { peerOf } from '../src/limits/peer.ts'
import { ampleRates } from './support/memory-limits.ts'
import { testServer } from './support/server.ts'

const few = { limit: 3, windowSeconds: 60 }
const limited = (rates: Partial<RateSettings>, given = {}) =>
  testServer({ rateLimit: { ...ampleRates, ...rates }, ...given })

it('refuses one too many with 429, Retry-After, both kinds of fields and the problem of its route', async () => {
  const server = await limited({ default: few })
  const first = await server.fetch('/api/keys')
  expect(first.headers.get('ratelimit-policy')).toBe('"default";q=3;w=60')
  expect(first.headers.get('ratelimit')).toBe('"default";r=2;t=3')
  expect(first.headers.get('x-ratelimit-remaining')).toBe('2')
  await server.fetch('/api/keys')
  await server.fetch('/api/plugins')
  const refused = await server.fetch('/api/keys')
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('2')
  expect(refused.headers.get('x-ratelimit-reset')).toBe('3')
  expect(await refused.json()).toMatchObject({
    code: 'limit.exceeded',
    limit: 'default',
    retryAfterSeconds: 2,
  })
  const payload = { limit: 'default', key: expect.stringMatching(/^principal:key_/) }
  expect(server.deps.emitted).toContainEqual({ type: 'security.limit.exceeded', payload })
})

it('answers in the shape of OpenAI under /v1', async () => {
  const server = await limited({ chat: { ...few, burst: 1 } })
  const ask = () =>
    server.post('/v1/chat/completions', {
      model: 'covent/covent',
      messages: [{ role: 'user', content: 'hi' }],
    })
  await ask()
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'limit.exceeded' } })
})

it('counts each principal by itself, and chat apart from the rest', async () => {
  const server = await limited({ default: few, chat: few })
  for (let n = 0; n < 3; n++) await server.fetch('/api/keys')
  expect((await server.fetch('/api/keys')).status).toBe(429)
  expect((await server.fetch('/api/conversations', { key: await server.key('user') })).status).toBe(200)
  const ask = { model: 'covent/covent', messages: [{ role: 'user', content: 'hi' }] }
  expect((await server.post('/v1/chat/completions', ask)).status).toBe(200)
})

it('limits a route by its own line in the settings', async () => {
  const server = await limited({ routes: { 'GET /api/keys': { ...few, limit: 1 } } })
  expect((await server.fetch('/api/keys')).headers.get('ratelimit-policy')).toBe('"GET /api/keys";q=1;w=60')
  expect((await server.fetch('/api/keys')).status).toBe(429)
  expect((await server.fetch('/api/plugins')).status).toBe(200)
})

it('throttles wrong keys of a peer, and never asks a valid key about that', async () => {
  const server = await limited({ failures: few })
  const guess = async () => (await server.fetch('/api/keys', { key: 'cov_wrong' })).status
  expect([await guess(), await guess(), await guess(), await guess()]).toEqual([401, 401, 401, 429])
  expect((await server.fetch('/api/keys', { key: '' })).status).toBe(429)
  expect((await server.fetch('/api/keys')).status).toBe(200)
})

it('counts all requests together where a global limit is set', async () => {
  const server = await limited({ global: { ...few, limit: 2 } })
  const keys = [server.owner, await server.key('owner'), await server.key('owner')]
  const seen = [] as number[]
  for (const key of keys) seen.push((await server.fetch('/api/keys', { key })).status)
  expect(seen).toEqual([200, 200, 429])
})

it('always answers probes, and limits nobody of an exempt range or where it is switched off', async () => {
  const tight = await limited({ default: { ...few, limit: 1 } })
  for (let n = 0; n < 3; n++) expect((await tight.fetch('/health/live')).status).toBe(200)
  for (const rates of [{ exempt: ['127.0.0.0/8'] }, { enabled: false }]) {
    const server = await limited({ default: { ...few, limit: 1 }, ...rates })
    for (let n = 0; n < 3; n++) expect((await server.fetch('/api/keys')).status).toBe(200)
  }
})

it('gives nobody a bucket of his own for a header that he may write himself', async () => {
  const server = await limited({ default: { ...few, limit: 1 } })
  const from = async (address: string) =>
    (await server.fetch('/openapi.json', { key: '', headers: { 'x-forwarded-for': address } })).status
  expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([200, 429])
})

it('believes the header of a trusted proxy', async () => {
  const server = await limited({ default: { ...few, limit: 1 } }, { trustedProxies: ['127.0.0.0/8'] })
  const from = async (address: string) =>
    (await server.fetch('/openapi.json', { key: '', headers: { 'x-forwarded-for': address } })).status
  expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([200, 200])
  expect([await from('203.0.113.9, 192.0.2.1'), await from('192.0.2.1, 127.0.0.9')]).toEqual([429, 429])
})

const ten = ['10.0.0.0/8']
it.each([
  { socket: '10.0.0.1', forwarded: '192.0.2.7', trusted: [], expected: '10.0.0.1' },
  { socket: '10.0.0.1', forwarded: '192.0.2.7', trusted: ten, expected: '192.0.2.7' },
  { socket: '::ffff:10.0.0.1', forwarded: '192.0.2.7', trusted: ten, expected: '192.0.2.7' },
  { socket: '10.0.0.1', forwarded: '1.1.1.1, 192.0.2.7, 10.0.0.2', trusted: ten, expected: '192.0.2.7' },
  { socket: '10.0.0.1', forwarded: '192.0.2.7:4711', trusted: ten, expected: '192.0.2.7' },
  { socket: 'fd00::1', forwarded: '[2001:db8::5]:443', trusted: ['fd00::/8'], expected: '2001:db8::5' },
  { socket: '10.0.0.1', forwarded: '192.0.2.7, nonsense', trusted: ten, expected: '10.0.0.1' },
  { socket: '10.0.0.1', forwarded: undefined, trusted: ten, expected: '10.0.0.1' },
])(
  'a request from $socket, forwarded for $forwarded, is of $expected',
  ({ socket, forwarded, trusted, expected }) => {
    const request = { socket: { remoteAddress: socket }, headers: { 'x-forwarded-for': forwarded } }
    expect(peerOf(trusted)(request as never)).toBe(expected)
  },
)

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:1:aaaa::1', '2001:db8:0:1::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s counts as %s', (address, key) => expect(peerKey(address)).toBe(key))

it('leaves room for others, whatever one caller takes', () => {
  const room = fairShare(12)
  const enter = (key: string, times: number) =>
    Array.from({ length: times }, () => room.enter(key)).filter((leave) => leave !== undefined)
  const greedy = enter('a', 100)
  expect(greedy).toHaveLength(6)
  expect(enter('b', 100)).toHaveLength(4)
  expect(enter('c', 1)).toHaveLength(1)
  expect(enter('a', 1)).toHaveLength(0)
  for (const leave of greedy) leave()
  expect(enter('a', 1)).toHaveLength(1)
})
