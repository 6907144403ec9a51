import { Clock, Lifecycle, type Service, systemClock, token, type Token } from '@covent/core'
import { ContainerModule } from 'inversify'
import { describe, expect, it } from 'vitest'
import { compose, swap } from '../src/index.ts'

interface Greeter {
  greet(): string
}
const Greeter: Token<Greeter> = token('test.Greeter')
const Door: Token<Greeter> = token('test.Door')

const service = (name: string, log: string[], failing?: 'start' | 'stop'): Service & Greeter => ({
  name,
  greet: () => name,
  async start() {
    log.push(`start ${name}`)
    if (failing === 'start') throw new Error(`${name} does not start`)
  },
  async stop() {
    log.push(`stop ${name}`)
    if (failing === 'stop') throw new Error(`${name} does not stop`)
  },
})

const house = (log: string[], failing?: { greeter?: 'stop'; door?: 'start' | 'stop' }): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Greeter).toResolvedValue((l) => l.add(service('greeter', log, failing?.greeter)), [Lifecycle])
    bind(Door).toResolvedValue(
      (l, greeter) => ({
        ...l.add(service('door', log, failing?.door)),
        greet: () => `door, ${greeter.greet()}`,
      }),
      [Lifecycle, Greeter],
    )
  })

describe('compose', () => {
  it('starts services in the order of making and stops them in the opposite order', async () => {
    const log: string[] = []
    const app = await compose([Door], house(log))
    await app.start()
    expect(app.get(Door).greet()).toBe('door, greeter')
    await app.stop()
    expect(log.filter((l) => l.startsWith('start')).toReversed()).toEqual(
      log.filter((l) => l.startsWith('stop')).map((l) => l.replace('stop', 'start')),
    )
    expect(log).toHaveLength(4)
  })

  it('makes only what the roots need', async () => {
    const log: string[] = []
    const app = await compose([Greeter], house(log))
    await app.start()
    expect(log).toEqual(['start greeter'])
  })

  it('undoes what it started when a start fails, the failed service included', async () => {
    const log: string[] = []
    const app = await compose([Door], house(log, { door: 'start' }))
    await expect(app.start()).rejects.toThrow('door does not start')
    expect(log.filter((l) => l.startsWith('stop'))).toHaveLength(
      log.filter((l) => l.startsWith('start')).length,
    )
    expect(log).toContain('stop door')
  })

  it('stops the others when one does not stop, and says so', async () => {
    const log: string[] = []
    const app = await compose([Door], house(log, { door: 'stop' }))
    await app.start()
    await expect(app.stop()).rejects.toThrow('some services did not stop')
    expect(log).toContain('stop greeter')
  })
})

describe('swap', () => {
  it('replaces a service for all that need it', async () => {
    const app = await compose(
      [Door],
      house([]),
      swap(Greeter, () => ({ greet: () => 'another' })),
    )
    expect(app.get(Door).greet()).toBe('door, another')
  })

  it('hands over the services that it names', async () => {
    const clocks = new ContainerModule(({ bind }) => void bind(Clock).toConstantValue(systemClock))
    const greeter = swap(Greeter, (clock) => ({ greet: () => typeof clock.now() }), [Clock])
    const app = await compose([Door], clocks, house([]), greeter)
    expect(app.get(Door).greet()).toBe('door, number')
  })

  it('refuses a token that nothing provides', async () => {
    await expect(
      compose(
        [],
        swap(Greeter, () => ({ greet: () => '' })),
      ),
    ).rejects.toThrow('nothing provides')
  })

  it('refuses what does not fit the token, when compiled', () => {
    // @ts-expect-error a greeter must greet
    swap(Greeter, () => ({ greets: () => '' }))
    // @ts-expect-error a clock is no greeter
    swap(Greeter, (clock: Greeter) => clock, [Clock])
    expect.assertions(0)
  })
})
