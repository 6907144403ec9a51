import { describe, expect, expectTypeOf, it } from 'vitest'
import { definePlugin, type HttpResponse, z } from '../src/index.ts'
import { describePlugin, manifestSchema } from '../src/manifest.ts'

const base = { id: 'acme.net', version: '1.0.0', type: 'extension', description: 'Made for a test.' } as const
const reason = 'Fetch it'
const action = { description: 'x', effect: 'read', input: z.string(), output: z.null() } as const
const inject = { header: 'Authorization', format: 'Bearer {value}', hosts: ['api.x.com'] } as const

const manifestWith = (more: object) =>
  manifestSchema.safeParse({ manifestVersion: 1, ...base, ...more }).error?.issues[0]?.path.join('.')

describe('ctx.http', () => {
  it('takes the URLs that the permissions name, and no other', () => {
    definePlugin({
      ...base,
      permissions: {
        required: {
          'net:outbound:https': { hosts: ['api.x.com', '*.y.com'], reason },
          'net:outbound:http': { hosts: ['plain.x.com:8080'], reason },
        },
        optional: { 'net:outbound:https': { hosts: ['more.x.com'], reason } },
      },
      actions: {
        one: {
          ...action,
          async run(input, ctx) {
            const unsent = () => [
              ctx.http.get('https://api.x.com'),
              ctx.http.get(`https://api.x.com/v1?q=${input}`),
              ctx.http.get('https://any.y.com/a'),
              ctx.http.get('http://plain.x.com:8080/'),
              ctx.optional.http?.get('https://more.x.com/'),
              // @ts-expect-error -- another host
              ctx.http.get('https://evil.com/'),
              // @ts-expect-error -- the host goes on
              ctx.http.get('https://api.x.com.evil.com/'),
              // @ts-expect-error -- without encryption
              ctx.http.get('http://api.x.com/'),
              // @ts-expect-error -- another port
              ctx.http.get('http://plain.x.com/'),
              // @ts-expect-error -- only where it was granted
              ctx.http.get('https://more.x.com/'),
              // @ts-expect-error -- any text at all
              ctx.http.get(input),
              // @ts-expect-error -- no such method
              ctx.http.request('https://api.x.com/', { method: 'TRACE' }),
            ]
            expectTypeOf(unsent).returns.items.toEqualTypeOf<Promise<HttpResponse> | undefined>()
            return null
          },
        },
      },
    })
    definePlugin({
      ...base,
      permissions: { required: { 'data:database': { reason } } },
      actions: {
        one: {
          ...action,
          async run(_, ctx) {
            // @ts-expect-error -- no permission unlocks it
            void ctx.http
            return null
          },
        },
      },
    })
  })

  it('parses an answer by a schema', () => {
    const read = (response: HttpResponse) => response.json(z.object({ n: z.number() }))
    expectTypeOf(read).returns.resolves.toEqualTypeOf<{ n: number }>()
  })
})

describe('ctx.dns', () => {
  it('takes the names of the permission, and no other', () => {
    definePlugin({
      ...base,
      permissions: { required: { 'net:dns': { names: ['a.com', '*.b.com'], reason } } },
      actions: {
        one: {
          ...action,
          async run(_, ctx) {
            const unsent = () => [
              ctx.dns.resolve('a.com'),
              ctx.dns.resolve('any.b.com'),
              // @ts-expect-error -- another name
              ctx.dns.resolve('c.com'),
            ]
            expectTypeOf(unsent).returns.items.toEqualTypeOf<Promise<readonly string[]>>()
            return null
          },
        },
      },
    })
  })
})

describe('secrets in a manifest', () => {
  it('stand there as the plugin declares them', () => {
    const plugin = definePlugin({ ...base, secrets: { API_KEY: { description: 'The key', inject } } })
    expect(describePlugin(plugin).secrets).toEqual({
      API_KEY: { description: 'The key', required: true, inject },
    })
    expect(describePlugin(plugin).limits.netBytesPerSecond).toBe(1_000_000)
  })

  it.each([
    [{ lower: { description: 'x', inject } }, 'secrets.lower'],
    [{ A: { description: 'x', inject: { ...inject, header: 'a b' } } }, 'secrets.A.inject.header'],
    [{ A: { description: 'x', inject: { ...inject, format: 'Bearer' } } }, 'secrets.A.inject.format'],
    [
      { A: { description: 'x', inject: { ...inject, format: '{value}\r\nX: y' } } },
      'secrets.A.inject.format',
    ],
    [{ A: { description: 'x', inject: { ...inject, hosts: [] } } }, 'secrets.A.inject.hosts'],
    [{ A: { description: 'x', inject: { ...inject, hosts: ['*'] } } }, 'secrets.A.inject.hosts.0'],
    [{ A: { description: 'x', inject: { ...inject, hosts: ['127.0.0.1'] } } }, 'secrets.A.inject.hosts.0'],
  ])('are refused where they break a rule: %j', (secrets, path) => {
    expect(manifestWith({ secrets })).toBe(path)
  })
})
