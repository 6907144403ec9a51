import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const send = (body: string | Buffer | undefined, headers: Record<string, string>): RequestInit => ({
  method: 'POST',
  ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  headers,
})

it.each([
  [undefined, 415],
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/json; charset=latin1', 415],
  ['application/jsonx', 415],
  ['text/plain; application/json', 415],
  ['application/json, text/plain', 415],
  ['application/json', 201],
  ['Application/JSON; charset=UTF-8', 201],
])('answers a body of type %s with %i', async (type, status) => {
  const server = await testServer()
  const answer = await server.fetch('/api/conversations', {
    method: 'POST',
    body: new Uint8Array(Buffer.from('{}')),
    headers: type === undefined ? {} : { 'content-type': type },
  })
  expect(answer.status).toBe(status)
})

const json = { 'content-type': 'application/json' }

it.each([
  ['no JSON', '{'],
  ['a trailing comma', '{"text":"a",}'],
  ['half a character', Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x3a, 0x31, 0x7d])],
  ['a __proto__ key', '{"__proto__":{"character":"ada"}}'],
  ['an escaped __proto__ key', String.raw`{"\u005f\u005fproto__":{"character":"ada"}}`],
  ['a nested __proto__ key', '{"character":{"a":[{"__proto__":1}]}}'],
  ['33 levels', `{"character":${'['.repeat(40)}${']'.repeat(40)}}`],
  ['half a million levels', '['.repeat(500_000) + ']'.repeat(500_000)],
  ['half a million values', `[${'0,'.repeat(500_000)}0]`],
])('refuses a body with %s before any schema sees it', async (_what, body) => {
  const server = await testServer()
  const answer = await server.fetch('/api/conversations', send(body, json))
  expect(await answer.json()).toMatchObject({ status: 400, code: 'request.body-invalid' })
})

it.each([
  ['an array', '[]'],
  ['a string', '"text"'],
  ['null', 'null'],
  ['an unknown key', '{"charakter":"ada"}'],
  ['a constructor key', '{"constructor":{"prototype":{}}}'],
  ['a number for text', '{"character":1}'],
])('refuses a body with %s', async (_what, body) => {
  const server = await testServer()
  const answer = await server.fetch('/api/conversations', send(body, json))
  expect(await answer.json()).toMatchObject({ status: 400, code: 'validation.failed' })
})

it('takes brackets inside of strings for text', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const text = String.raw`{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\" \\" ,,,,`.repeat(3000)
  const answer = await server.post(`/api/conversations/${id}/messages`, { text })
  expect(answer.status).toBe(200)
  expect(server.deps.runtime.accepted[0]?.text).toBe(text)
})

it('refuses bodies over the limit by their length, in chunks and once inflated', async () => {
  const server = await testServer({ bodyLimitBytes: 4096 })
  const big = JSON.stringify({ character: 'a'.repeat(5000) })
  const chunked = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 50; n++) controller.enqueue(Buffer.alloc(100, 'a'))
      controller.close()
    },
  })
  const bomb = gzipSync(Buffer.alloc(3_000_000, ' '))
  const answers = await Promise.all([
    server.fetch('/api/conversations', send(big, json)),
    server.fetch('/api/conversations', {
      ...send(undefined, json),
      body: chunked,
      duplex: 'half',
    }),
    server.fetch('/api/conversations', send(bomb, { ...json, 'content-encoding': 'gzip' })),
  ])
  expect(answers.map(({ status }) => status)).toEqual([413, 413, 413])
  expect(bomb.length).toBeLessThan(4096)
})

it('answers a body far over the limit while it is still being sent', async () => {
  const server = await testServer()
  const answer = await server.fetch('/api/conversations', send('a'.repeat(20_000_000), json))
  expect(answer.status).toBe(413)
  expect(answer.headers.get('connection')).toBe('close')
})

it('takes gzip, and no other coding', async () => {
  const server = await testServer()
  const body = gzipSync('{"character":"ada"}')
  const codings = ['gzip', 'gzip, gzip', 'deflate', 'br', 'x-gzip', 'zstd']
  const answers = codings.map((coding) =>
    server.fetch('/api/conversations', send(body, { ...json, 'content-encoding': coding })),
  )
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses).toEqual([201, 415, 415, 415, 415, 415])
  const torn = send(body.subarray(0, 20), { ...json, 'content-encoding': 'gzip' })
  expect((await server.fetch('/api/conversations', torn)).status).toBe(400)
})

it('refuses a body where none belongs', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const path = `/api/conversations/${id}`
  expect((await server.fetch(path, { ...send('{}', json), method: 'DELETE' })).status).toBe(400)
  expect((await server.fetch(path)).status).toBe(200)
})

it.each([
  ['no text', {}],
  ['empty text', { text: '' }],
  ['NUL', { text: 'a\0b' }],
  ['half a surrogate pair', { text: 'a\ud800' }],
  ['attachments', { text: 'a', attachments: [{}] }],
])('refuses a message with %s', async (_what, body) => {
  const server = await testServer()
  const id = await server.conversation()
  const answer = await server.post(`/api/conversations/${id}/messages`, body)
  expect(await answer.json()).toMatchObject({ status: 400, code: 'validation.failed' })
  expect(server.deps.runtime.accepted).toEqual([])
})

it('brings text to the runtime byte for byte', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const text = ' \ufeff\u{1f600} e\u0301 \u200b\r\n\t"\\ \u2028 $(x) `y` \u0001 '
  await server.post(`/api/conversations/${id}/messages`, { text })
  expect(server.deps.runtime.accepted[0]?.text).toBe(text)
})
