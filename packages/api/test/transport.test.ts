import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const host = 'Host: localhost\r\n'
const statusesOf = (received: string): string[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1]!)

const post = (headers: string, body: string): string =>
  `POST /api/conversations HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}\r\n${body}`

it.each([
  ['two Host headers', `GET /health/live HTTP/1.1\r\n${host}${host}\r\n`],
  ['two Host headers of different case', `GET /health/live HTTP/1.1\r\n${host}HOST: evil.example\r\n\r\n`],
  ['no Host header', 'GET /health/live HTTP/1.1\r\n\r\n'],
  [
    'Content-Length with Transfer-Encoding',
    post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  ],
  [
    'Transfer-Encoding with Content-Length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', '0\r\n\r\n'),
  ],
  ['two Content-Lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}')],
  ['two equal Content-Lengths', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}')],
  ['a Content-Length list', post('Content-Length: 2, 2\r\n', '{}')],
  ['a signed Content-Length', post('Content-Length: +2\r\n', '{}')],
  ['chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')],
  ['an odd Transfer-Encoding', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
  ['chunked before another coding', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')],
  ['a coding before chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
  ['a header name with a space', post('Content-Length : 2\r\n', '{}')],
  ['a folded header', `GET /health/live HTTP/1.1\r\n${host}X-A: b\r\n c\r\n\r\n`],
  ['NUL in a header', `GET /health/live HTTP/1.1\r\n${host}X-A: b\0c\r\n\r\n`],
  ['a bare carriage return in a header', `GET /health/live HTTP/1.1\r\n${host}X-A: b\rX-B: c\r\n\r\n`],
  ['a chunk size that is none', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n')],
  ['a space before the first header', `GET /health/live HTTP/1.1\r\n X: y\r\n${host}\r\n`],
  ['an unknown method', `MAKE /health/live HTTP/1.1\r\n${host}\r\n`],
  ['what is no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n'],
])('refuses %s with 400 and serves nothing after it', async (_what, text) => {
  const server = await testServer()
  const received = await server.raw(`${text}GET /health/live HTTP/1.1\r\n${host}\r\n`, 1)
  expect(statusesOf(received)[0]).toBe('400')
  expect(received).toContain('request.malformed')
  expect(received).not.toContain('"status":"ok"')
})

it('answers an expectation that it does not know as if there were none', async () => {
  const server = await testServer()
  const received = await server.raw(`GET /health/live HTTP/1.1\r\n${host}Expect: cake\r\n\r\n`)
  expect(statusesOf(received)).toEqual(['200'])
  expect(received).toMatch(/^X-Request-Id: /im)
})

it('serves requests that follow each other on one connection', async () => {
  const server = await testServer()
  const one = `GET /health/live HTTP/1.1\r\n${host}\r\n`
  expect(statusesOf(await server.raw(one + one + one, 3))).toEqual(['200', '200', '200'])
})

it('refuses headers of more than 16 kB and URLs of more than 4 kB', async () => {
  const server = await testServer()
  const bulk = await server.raw(`GET /health/live HTTP/1.1\r\n${host}X-A: ${'a'.repeat(17_000)}\r\n\r\n`)
  expect(statusesOf(bulk)).toEqual(['431'])
  for (const length of [5000, 17_000, 60_000]) {
    const long = await server.raw(`GET /${'a'.repeat(length)} HTTP/1.1\r\n${host}\r\n`)
    expect(statusesOf(long)).toEqual(['414'])
  }
})

it('cuts off who sends nothing, slow headers or a slow body', async () => {
  const server = await testServer({ headersTimeoutMs: 200, requestTimeoutMs: 400 })
  const silent = server.raw('')
  const headers = server.raw(`GET /health/live HTTP/1.1\r\n${host}X-A: `)
  const body = server.raw(post(`Authorization: Bearer ${server.owner}\r\nContent-Length: 10\r\n`, '{'))
  for (const received of await Promise.all([silent, headers, body]))
    expect(statusesOf(received)).toEqual(['408'])
})

it.each([
  '//health/live',
  '/health//live',
  '/health/live/',
  '/health/./live',
  '/health/../health/live',
  '/health%2flive',
  '/health%2Flive',
  '/%68ealth/live',
  '/health\\live',
  '/health/live%00',
  '/health/live;x=1',
  '/health/live#x',
  '/HEALTH/live',
  '/health/Live',
  'http://localhost/health/live',
  '*',
])('does not take %s for /health/live', async (path) => {
  const server = await testServer()
  const received = await server.raw(`GET ${path} HTTP/1.1\r\n${host}\r\n`)
  expect(statusesOf(received)[0]).toMatch(/^40[04]$/)
})

it.each([
  ['evil.example', 421],
  ['localhost.evil.example', 421],
  ['127.0.0.1.nip.io', 421],
  ['user@localhost', 421],
  ['', 421],
  ['localhost:7420', 200],
  ['LOCALHOST', 200],
  ['127.0.0.1:1', 200],
  ['[::1]:7420', 200],
  ['covent.example:443', 200],
])('answers Host %s with %i', async (name, status) => {
  const server = await testServer({ allowedHosts: ['covent.example'] })
  const received = await server.raw(`GET /health/live HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
  expect(statusesOf(received)).toEqual([String(status)])
})

it.each([
  ['null', 403],
  ['https://evil.example', 403],
  ['http://localhost.evil.example', 403],
  ['file://', 403],
  ['http://localhost:3000', 403],
  ['https://127.0.0.1', 403],
  ['http://evil.example/localhost', 403],
  ['http://localhost', 200],
  ['https://covent.example', 200],
  ['https://covent.example:8443', 403],
  ['https://app.example', 200],
  ['https://app.example:444', 403],
])('answers Origin %s with %i', async (origin, status) => {
  const cors = { origins: ['https://app.example'] }
  const server = await testServer({ allowedHosts: ['covent.example'], cors })
  const received = await server.raw(`GET /health/live HTTP/1.1\r\n${host}Origin: ${origin}\r\n\r\n`)
  expect(statusesOf(received)).toEqual([String(status)])
})

it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'POST'])(
  'answers %s with 405 and Allow',
  async (method) => {
    const server = await testServer()
    const received = await server.raw(
      `${method} /v1/models HTTP/1.1\r\n${host}X-HTTP-Method-Override: GET\r\n\r\n`,
    )
    expect(statusesOf(received)).toEqual(['405'])
    expect(received).toMatch(/\r\nAllow: GET, HEAD\r\n/)
  },
)

it('answers HEAD as GET without the body', async () => {
  const server = await testServer()
  const received = await server.raw(`HEAD /health/live HTTP/1.1\r\n${host}\r\n`)
  expect(received).toMatch(/Content-Length: 15\r\n/)
  expect(received.endsWith('\r\n\r\n')).toBe(true)
})

it('sends its security headers with every answer, and does not say what it runs on', async () => {
  const server = await testServer()
  for (const path of ['/health/live', '/nothing', '/docs', '/api/keys']) {
    const { headers } = await server.fetch(path, { key: '' })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
})

it('keeps a request id of the caller only where it is plain', async () => {
  const server = await testServer()
  const idOf = async (sent: string) =>
    (await server.fetch('/health/live', { headers: { 'x-request-id': sent } })).headers.get('x-request-id')
  expect(await idOf('abc-123_X')).toBe('abc-123_X')
  for (const sent of ['a b', 'a'.repeat(65), '"', '{}']) expect(await idOf(sent)).toMatch(/^req_/)
})

it('does not take `http.host` 0.0.0.0 for a name', async () => {
  const server = await testServer()
  expect(statusesOf(await server.raw('GET /health/live HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n'))).toEqual(['421'])
})
