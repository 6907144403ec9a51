import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { networked } from './support.ts'

const fixtures = new URL('../../../../packages/egress/test/fixtures/', import.meta.url)
const fixture = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8')
const id = 'acme.talker'
const open = { network: { allowPrivate: [id] } }

interface Elsewhere {
  readonly host: string
  readonly sockets: readonly WebSocket[]
}

/** A server on loopback that stands for `wss://api.example.test`. */
const elsewhere = async (onSocket: (socket: WebSocket) => void): Promise<Elsewhere> => {
  const server = createServer({ key: fixture('test-only.key.pem'), cert: fixture('test-only.cert.pem') })
  const sockets: WebSocket[] = []
  new WebSocketServer({ server }).on('connection', (socket) => {
    sockets.push(socket)
    socket.on('error', () => {}) // the other side ends as it likes
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate()
    server.close()
  })
  return { host: `api.example.test:${(server.address() as AddressInfo).port}`, sockets }
}

const talker = (hosts: readonly string[]): string => `
import { definePlugin, z } from '@covent/plugin-sdk'
const action = (run) => ({ description: 'A test', effect: 'external', input: z.any(), output: z.any(), run })
let kept
export default definePlugin({
  id: '${id}', version: '1.0.0', type: 'extension', description: 'Made for a test.',
  limits: { callTimeoutMs: 3_000 },
  permissions: { required: { 'net:outbound:websocket': { hosts: ${JSON.stringify(hosts)}, reason: 'For a test' } } },
  actions: {
    echo: action(async ({ url, messages }, ctx) => {
      const socket = await ctx.ws.connect(url)
      for (const message of messages) await socket.send(message)
      const heard = []
      for await (const message of socket.messages) {
        heard.push(typeof message === 'string' ? message : [...message])
        if (heard.length === messages.length) break
      }
      return heard
    }),
    code: action(async ({ url }, ctx) => ctx.ws.connect(url).then(() => 'open', (error) => error.code)),
    keep: action(async ({ url }, ctx) => {
      kept = await ctx.ws.connect(url)
      return Object.keys(ctx).filter((name) => ['ws', 'http', 'process'].includes(name))
    }),
    late: action(async () => kept.send('late').then(() => 'sent', (error) => error.code)),
    hang: action(async ({ url }, ctx) => { 
      await ctx.ws.connect(url)
      await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
    }),
    many: action(async ({ url }, ctx) => {
      const codes = []
      for (let n = 0; n < 6; n++) codes.push(await ctx.ws.connect(url).then(() => 'open', (error) => error.code))
      return codes
    }),
    waiting: action(async ({ url }, ctx) => {
      const sockets = await Promise.all([1, 2, 3, 4].map(() => ctx.ws.connect(url)))
      const heard = sockets.map((socket) => socket.messages[Symbol.asyncIterator]().next())
      // Others of its requests go on while it waits for messages of each.
      await sockets[0].send('go')
      return (await heard[0]).value
    }),
  },
})`

describeWith('bubblewrap', 'plugins with connections', () => {
  it('send and receive over them, and close them when they stop reading', async () => {
    const there = await elsewhere((socket) =>
      socket.on('message', (data, binary) => socket.send(data, { binary })),
    )
    const url = `wss://${there.host}/chat`
    const { call, denials } = await networked({
      bundled: talker([there.host]).replaceAll(id, 'covent.talker'),
      plugins: { network: { allowPrivate: ['covent.talker'] } },
      ca: fixture('test-only.cert.pem'),
    })
    const talk = (action: string) =>
      call('covent.talker', action, { url, messages: ['äöü', new Uint8Array([0, 255])] })
    expect(await talk('echo')).toEqual(['äöü', [0, 255]])
    if (there.sockets[0]!.readyState !== 3) await once(there.sockets[0]!, 'close')
    expect(await talk('waiting')).toBe('go')
    expect(denials).toEqual([])
  })

  it('lose them when the call ends that opened them, however it ends', async () => {
    const there = await elsewhere(() => {})
    const { call, refusal } = await networked({
      bundled: talker([there.host]).replaceAll(id, 'covent.talker'),
      plugins: { network: { allowPrivate: ['covent.talker'] } },
      ca: fixture('test-only.cert.pem'),
    })
    const url = `wss://${there.host}/`
    expect(await call('covent.talker', 'keep', { url })).toEqual(['ws'])
    if (there.sockets[0]!.readyState !== 3) await once(there.sockets[0]!, 'close')
    expect(await call('covent.talker', 'late')).toBe('plugin.unavailable')
    expect(await call('covent.talker', 'many', { url })).toEqual([
      ...Array.from({ length: 4 }, () => 'open'),
      'egress.busy',
      'egress.busy',
    ])
    expect(await refusal('covent.talker', 'hang', { url })).toMatchObject({ code: 'plugin.timeout' })
    for (const socket of there.sockets) if (socket.readyState !== 3) await once(socket, 'close')
  })

  it('lose them when they are unloaded', async () => {
    const there = await elsewhere(() => {})
    const { host, call } = await networked({
      bundled: talker([there.host]).replaceAll(id, 'covent.talker'),
      plugins: { network: { allowPrivate: ['covent.talker'] } },
      ca: fixture('test-only.cert.pem'),
    })
    const hanging = call('covent.talker', 'hang', { url: `wss://${there.host}/` }).catch(() => {})
    while (there.sockets.length === 0) await sleep(20)
    await (host as unknown as { stop(): Promise<void> }).stop()
    if (there.sockets[0]!.readyState !== 3) await once(there.sockets[0]!, 'close')
    await hanging
  })

  it('reach no other host, no private address without leave, and hear which line would allow it', async () => {
    const there = await elsewhere(() => {})
    const url = `wss://${there.host}/`
    const ca = fixture('test-only.cert.pem')
    const settings = { allowUnsigned: true, grants: { [id]: ['net:outbound:websocket'] } }
    const { call, denials } = await networked({
      installed: talker([there.host]),
      plugins: { ...settings, ...open },
      ca,
    })
    expect(await call(id, 'code', { url: 'wss://evil.com/' })).toBe('plugin.permission-denied')
    expect(await call(id, 'code', { url: `ws://${there.host}/` })).toBe('egress.url-refused')
    expect(denials).toMatchObject([
      {
        permission: 'net:outbound:websocket',
        target: 'wss://evil.com',
        allowedBy: expect.stringContaining('"net:outbound:websocket": { "hosts": ["evil.com"]'),
      },
    ])
    const closed = await networked({ installed: talker([there.host]), plugins: settings, ca })
    expect(await closed.call(id, 'code', { url })).toBe('plugin.permission-denied')
    expect(closed.denials).toMatchObject([{ allowedBy: expect.stringContaining('allowPrivate') }])
    const ungranted = await networked({
      installed: talker([there.host]),
      plugins: { ...settings, ...open, grants: {} },
      ca,
    })
    expect(await ungranted.call(id, 'code', { url })).toBe('plugin.permission-denied')
    expect(there.sockets).toEqual([])
  })
})
