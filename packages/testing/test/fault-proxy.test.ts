import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { faultProxy } from '../src/index.ts'

const patiently = <T>(value: () => T) => expect.poll(value, { timeout: 20_000, interval: 2 })

/** A server that sends back what it gets, behind a proxy. */
const behindProxy = async () => {
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(
    0,
    '127.0.0.1',
  )
  await once(echo, 'listening')
  const proxy = await faultProxy((echo.address() as AddressInfo).port)
  onTestFinished(async () => {
    await proxy.stop()
    echo.close()
  })
  return proxy
}

const open = async (port: number) => {
  const socket: Socket = connect(port, '127.0.0.1')
  let got = ''
  let end: string | undefined
  socket
    .on('data', (bytes: Buffer) => void (got += bytes.toString()))
    .on('error', (error: NodeJS.ErrnoException) => void (end = error.code))
    .on('close', () => void (end ??= 'closed'))
  await once(socket, 'connect').catch(() => undefined)
  return { socket, got: () => got, end: () => end }
}

it('passes everything on, and late where that is wanted', async () => {
  const proxy = await behindProxy()
  const { socket, got } = await open(proxy.port)
  socket.write('hello')
  await patiently(got).toBe('hello')
  proxy.delay(40)
  const before = performance.now()
  socket.write(' again')
  await patiently(got).toBe('hello again')
  expect(performance.now() - before).toBeGreaterThan(75)
})

it.each(['both', 'up', 'down'] as const)(
  'swallows what goes %s, and resets those connections when it is healed',
  async (direction) => {
    const proxy = await behindProxy()
    const { socket, got, end } = await open(proxy.port)
    proxy.blackhole(direction)
    socket.write('lost')
    await patiently(() => proxy.swallowed).toBe(1)
    expect([got(), end()]).toEqual(['', undefined])
    proxy.heal()
    await patiently(end).toBe('ECONNRESET')
    const again = await open(proxy.port)
    again.socket.write('there')
    await patiently(again.got).toBe('there')
  },
)

it('cuts an answer in its middle', async () => {
  const proxy = await behindProxy()
  proxy.cutAfter(3)
  const { socket, got, end } = await open(proxy.port)
  socket.write('hello')
  await patiently(end).toBe('ECONNRESET')
  expect('hel').toContain(got())
})

it('parts client and server until it is healed', async () => {
  const proxy = await behindProxy()
  const { end } = await open(proxy.port)
  proxy.partition()
  await patiently(end).toBe('ECONNRESET')
  const refused = await open(proxy.port)
  await patiently(refused.end).toBeDefined()
  proxy.heal()
  const { socket, got } = await open(proxy.port)
  socket.write('hi')
  await patiently(got).toBe('hi')
  expect(proxy.connections).toBe(1)
})
