import { createServer } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guard, outside, outsideTls, toHosts } from './outside.ts'
import { connector, outsideSockets, toSockets } from './outside-sockets.ts'

const code = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { readonly code?: string }).code,
  )

describe('connections over WebSocket', () => {
  it('carry text and bytes both ways, uncompressed, until they are closed', async () => {
    const { url, host, sockets } = await outsideSockets((socket) =>
      socket.on('message', (data, binary) => socket.send(data, { binary })),
    )
    const { connect } = connector()
    const socket = await connect(url, toSockets(host), ['chat'])
    expect(socket.protocol).toBe('chat')
    expect(sockets[0]!.extensions).toBe('')
    await socket.send('äöü')
    expect(await socket.receive()).toEqual(['äöü'])
    await socket.send(new Uint8Array([1, 255]))
    expect(await socket.receive()).toEqual([new Uint8Array([1, 255])])
    socket.close()
    expect(await socket.receive()).toEqual([])
    expect(await code(socket.send('late'))).toBe('egress.connection-failed')
  })

  it('go to granted hosts only, and never without encryption', async () => {
    const { url, host, sockets } = await outsideSockets()
    const { refusal } = connector()
    const over = (scheme: 'https' | 'http' | 'wss', granted = host) =>
      refusal(url, { ...toSockets(host), grants: [{ scheme, host: granted }] })
    expect(await over('https')).toBe('egress.host-refused')
    expect(await over('wss', 'api.example.test')).toBe('egress.host-refused')
    expect(await over('wss', `*.example.test:${host.split(':')[1]}`)).toBe(undefined)
    const policy = toSockets(host)
    expect(await refusal(url.replace('wss', 'ws'), policy)).toBe('egress.url-refused')
    expect(await refusal(url.replace('wss', 'https'), policy)).toBe('egress.url-refused')
    expect(await refusal('wss://127.0.0.1/', policy)).toBe('egress.url-refused')
    expect(await refusal('wss://user@api.example.test/', policy)).toBe('egress.url-refused')
    expect(sockets).toHaveLength(1)
  })

  it('are not what a fetch can open', async () => {
    const { url, host } = await outsideSockets()
    expect(await code(guard().fetch({ url }, toSockets(host)))).toBe('egress.url-refused')
  })

  it('do not lead to private addresses, nor to another one than was checked', async () => {
    const { url, host, sockets } = await outsideSockets()
    const closed = toSockets(host, { allowPrivate: false })
    expect(await connector().refusal(url, closed)).toBe('egress.address-refused')
    const metadata = connector({ resolve: async () => ['169.254.169.254'] })
    expect(await metadata.refusal(url, toSockets(host))).toBe('egress.address-refused')
    let asked = 0
    const rebinding = connector({ resolve: async () => [asked++ === 0 ? '127.0.0.1' : '169.254.169.254'] })
    expect(await rebinding.refusal(url, toSockets(host))).toBe(undefined)
    expect(asked).toBe(1)
    expect(sockets).toHaveLength(1)
  })

  it('follow no redirect', async () => {
    const inner = await outside()
    const { port } = await outsideTls((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end(),
    )
    const host = `api.example.test:${port}`
    const { refusal } = connector()
    expect(await refusal(`wss://${host}/`, toSockets(host))).toBe('egress.redirect-refused')
    expect(inner.requests).toEqual([])
  })

  it('need a side that speaks WebSocket, in time', async () => {
    const { port } = await outsideTls((_, response) => response.end('hello'))
    const { refusal } = connector()
    const host = `api.example.test:${port}`
    expect(await refusal(`wss://${host}/`, toSockets(host))).toBe('egress.response-invalid')
    const silent = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const there = `api.example.test:${(silent.address() as { port: number }).port}`
    const limits = { timeoutMs: 100, sockets: 1 }
    expect(await refusal(`wss://${there}/`, toSockets(there, { limits }))).toBe('egress.timeout')
    // The place of the one that failed is free again.
    expect(await refusal(`wss://${there}/`, toSockets(there, { limits }))).toBe('egress.timeout')
  })

  it('end with the one on whose behalf they were opened', async () => {
    const { url, host, sockets } = await outsideSockets()
    const { connect, end } = connector()
    const socket = await connect(url, toSockets(host))
    const closed = once(sockets[0]!, 'close')
    const waiting = socket.receive()
    end()
    await closed
    expect(await waiting).toEqual([])
  })

  it('are as many as a caller may have, until one is closed', async () => {
    const { url, host, sockets } = await outsideSockets()
    const { connect, refusal } = connector()
    const policy = toSockets(host, { limits: { sockets: 2 } })
    const first = await connect(url, policy)
    await connect(url, policy)
    expect(await refusal(url, policy)).toBe('egress.busy')
    expect(await refusal(url, { ...policy, caller: 'acme.other' })).toBe(undefined)
    first.close()
    expect(await first.receive()).toEqual([])
    expect(await refusal(url, policy)).toBe(undefined)
    expect(sockets).toHaveLength(4)
  })

  it('end at a message that is too large, and send none', async () => {
    const { url, host } = await outsideSockets((socket) => socket.send(Buffer.alloc(1_001)))
    const { connect } = connector()
    const socket = await connect(url, toSockets(host, { limits: { messageBytes: 1_000 } }))
    expect(await code(socket.send(new Uint8Array(1_001)))).toBe('egress.request-too-large')
    expect(await code(socket.receive())).toBe('egress.response-too-large')
  })

  it('are not read while nobody takes what has arrived', async () => {
    const { url, host, sockets } = await outsideSockets()
    const { connect } = connector()
    const limits = { bytesPerSecond: 1_000_000_000 }
    const socket = await connect(url, toSockets(host, { limits }))
    const there = sockets[0]!
    const piece = Buffer.alloc(65_536)
    // More than all buffers of the system between the two.
    for (let n = 0; n < 512; n++) there.send(piece)
    for (let before = -1; there.bufferedAmount !== before; await sleep(200)) before = there.bufferedAmount
    expect(there.bufferedAmount).toBeGreaterThan(4_194_304)
    let received = 0
    while (received < 512) received += (await socket.receive()).length
    expect(received).toBe(512)
  })

  it('are read at the rate of their caller', async () => {
    const { url, host, sockets } = await outsideSockets()
    const { connect } = connector()
    const limits = { bytesPerSecond: 100_000 }
    const socket = await connect(url, toSockets(host, { limits }))
    for (let n = 0; n < 5; n++) sockets[0]!.send(Buffer.alloc(50_000))
    const startedAt = performance.now()
    for (let received = 0; received < 5;) received += (await socket.receive()).length
    // 250 kB, of which the first second's worth is free; the last piece is not waited for.
    expect(performance.now() - startedAt).toBeGreaterThan(900)
  })

  it('answer pings, but not for ever to a side that does not read', async () => {
    const { url, host, sockets } = await outsideSockets()
    const { connect } = connector()
    await connect(url, toSockets(host))
    const answered = once(sockets[0]!, 'pong')
    sockets[0]!.ping('x')
    expect(String((await answered)[0])).toBe('x')
  })

  it('carry secrets to their hosts, and hide them in what comes back', async () => {
    const value = 'value-of-the-secret'
    let seen: unknown
    const { url, host } = await outsideSockets(
      (socket) => socket.send(`you said ${value}`),
      (headers) => (seen = headers['x-key']),
    )
    const secrets = [{ header: 'x-key', format: '{value}', hosts: [host], value }]
    const { connect } = connector()
    const socket = await connect(url, toSockets(host, { secrets }))
    expect(await socket.receive()).toEqual(['you said [secret]'])
    expect(seen).toBe(value)
  })

  it('share no grants with requests', async () => {
    const { port } = await outside()
    const host = `api.example.test:${port}`
    expect(await connector().refusal(`wss://${host}/`, toHosts([host]))).toBe('egress.host-refused')
  })
})
