import { expectTypeOf, it } from 'vitest'
import { definePlugin, type WebSocketConnection, z } from '../src/index.ts'

const base = {
  id: 'acme.both',
  version: '1.0.0',
  type: 'extension',
  description: 'Made for a test.',
} as const
const reason = 'For a test'
const action = { description: 'x', effect: 'read', input: z.string(), output: z.null() } as const

it('ctx.ws takes the hosts, and ctx.process the commands that the permissions name', () => {
  definePlugin({
    ...base,
    permissions: {
      required: {
        'net:outbound:websocket': { hosts: ['live.x.com', '*.y.com', 'z.com:8443'], reason },
        'process:spawn': { commands: ['git', 'tar'], reason },
      },
    },
    actions: {
      one: {
        ...action,
        async run(input, ctx) {
          const sockets = () => [
            ctx.ws.connect('wss://live.x.com'),
            ctx.ws.connect(`wss://live.x.com/${input}`, { protocols: ['chat'] }),
            ctx.ws.connect('wss://any.y.com/'),
            ctx.ws.connect('wss://z.com:8443/'),
            // @ts-expect-error -- without encryption
            ctx.ws.connect('ws://live.x.com/'),
            // @ts-expect-error -- another host
            ctx.ws.connect('wss://evil.com/'),
            // @ts-expect-error -- another port
            ctx.ws.connect('wss://z.com/'),
            // @ts-expect-error -- any text at all
            ctx.ws.connect(input),
          ]
          const programs = () => [
            ctx.process.run('git', ['status']),
            ctx.process.run('tar', ['-x'], { stdin: new Uint8Array(), timeoutMs: 1_000 }),
            // @ts-expect-error -- another command
            ctx.process.run('sh', ['-c', input]),
            // @ts-expect-error -- arguments stand apart
            ctx.process.run('git', 'status'),
            // @ts-expect-error -- a connection is no permission for requests
            ctx.http,
          ]
          expectTypeOf(sockets).returns.items.toEqualTypeOf<Promise<WebSocketConnection>>()
          expectTypeOf(programs).returns.toBeArray()
          return null
        },
      },
    },
  })
  definePlugin({
    ...base,
    permissions: { optional: { 'process:spawn': { commands: ['git'], reason } } },
    actions: {
      one: {
        ...action,
        async run(_, ctx) {
          const unsent = () => [
            ctx.optional.process?.run('git', []),
            // @ts-expect-error -- only where it was granted
            ctx.process,
            // @ts-expect-error -- not declared
            ctx.ws,
          ]
          expectTypeOf(unsent).returns.toBeArray()
          return null
        },
      },
    },
  })
})
