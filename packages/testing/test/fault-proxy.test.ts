import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { faultProxy } from '../src/index.ts'

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
  await expect.poll(got).toBe('hello')
  proxy.delay(40)
  const before = performance.now()
  socket.write(' again')
  await expect.poll(got, { interval: 2 }).toBe('hello again')
  expect(performance.now() - before).toBeGreaterThan(75)
})

it.each(['both', 'up', 'down'] as const)(
  'swallows what goes %s, and resets those connections when it is healed',
  async (direction) => {
    const proxy = await behindProxy()
    const { socket, got, end } = await open(proxy.port)
    proxy.blackhole(direction)
    socket.write('lost')
    await sleep(20)
    expect([got(), end()]).toEqual(['', undefined])
    proxy.heal()
    await expect.poll(end).toBe('ECONNRESET')
    const again = await open(proxy.port)
    again.socket.write('there')
    await expect.poll(again.got).toBe('there')
  },
)

it('cuts an answer in its middle', async () => {
  const proxy = await behindProxy()
  proxy.cutAfter(3)
  const { socket, got, end } = await open(proxy.port)
  socket.write('hello')
  await expect.poll(end).toBe('ECONNRESET')
  expect('hel').toContain(got())
})

it('parts client and server until it is healed', async () => {
  const proxy = await behindProxy()
  const { end } = await open(proxy.port)
  proxy.partition()
  await expect.poll(end).toBe('ECONNRESET')
  const refused = await open(proxy.port)
  await expect.poll(refused.end).toBeDefined()
  proxy.heal()
  const { socket, got } = await open(proxy.port)
  socket.write('hi')
  await expect.poll(got).toBe('hi')
  expect(proxy.connections).toBe(1)
})
