import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

interface Operation {
  readonly operationId: string
  readonly 'x-covent-scope': string
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, { readonly content?: object }>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const documentOf = async (): Promise<Document> =>
  (await (await (await testServer()).fetch('/openapi.json', { key: '' })).json()) as Document

it('describes every operation once, with its schemas and its errors', async () => {
  const { openapi, paths, components } = await documentOf()
  expect(openapi).toBe('3.1.0')
  const operations = Object.values(paths).flatMap((place) => Object.values(place))
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/v1/chat/completions',
      '/api/conversations/{id}/messages',
      '/health',
      '/api/keys',
    ]),
  )
  expect(Object.keys(components.schemas)).toEqual(
    expect.arrayContaining(['Message', 'Problem', 'ChatCompletion']),
  )
  expect(operations.every(({ responses }) => responses['default']?.content !== undefined)).toBe(true)
})

it('names for each operation the scope that opens it, alone', async () => {
  const server = await testServer()
  const { paths } = (await (await server.fetch('/openapi.json')).json()) as Document
  const operations = Object.entries(paths).flatMap(([path, place]) =>
    Object.entries(place).map(([method, { 'x-covent-scope': scope }]) => ({ path, method, scope })),
  )
  const scopes = new Set(operations.map(({ scope }) => scope).filter((scope) => scope !== 'public'))
  for (const held of scopes) {
    const key = await server.key('owner', [held])
    for (const { path, method, scope } of operations) {
      const place = path.replaceAll(/\{\w+\}/g, 'x')
      const { status } = await server.fetch(place, { method: method.toUpperCase(), key })
      expect([held, method, path, status === 403]).toEqual([
        held,
        method,
        path,
        ![held, 'public'].includes(scope),
      ])
    }
  }
})

it('says of each operation what the server does: asks for a key, or does not', async () => {
  const server = await testServer()
  const { paths } = (await (await server.fetch('/openapi.json')).json()) as Document
  for (const [path, place] of Object.entries(paths))
    for (const [method, { security }] of Object.entries(place)) {
      const { status } = await server.fetch(path.replaceAll(/\{\w+\}/g, 'x'), {
        method: method.toUpperCase(),
        key: '',
      })
      expect([path, method, status === 401]).toEqual([path, method, security.length > 0])
    }
})

it('lists the operations on a page that loads nothing', async () => {
  const server = await testServer()
  const answer = await server.fetch('/docs', { key: '' })
  const html = await answer.text()
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(html).toContain('POST /v1/chat/completions')
  expect(html).not.toMatch(/https?:\/\/|<script|src=/)
})
