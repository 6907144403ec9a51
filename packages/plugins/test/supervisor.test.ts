import { PluginError } from '@covent/core'
import { type FakeClock, fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { type Running, supervisor } from '../src/host/supervisor.ts'

interface Watched {
  readonly clock: FakeClock
  readonly log: string[]
  readonly runs: { crash(): void; hang(): void }[]
  halt(): void
}

const crash = new PluginError('plugin.crashed', 'ended')

/** A supervised thing that runs until told to crash, with the jitter drawn as `random`. */
const watch = (random = 1, launchError?: PluginError): Watched => {
  const clock = fakeClock()
  const log: string[] = []
  const runs: Watched['runs'] = []
  const launch = async (): Promise<Running> => {
    log.push(`start ${clock.monotonic()}`)
    if (launchError !== undefined) throw launchError
    const end = Promise.withResolvers<{ error: PluginError }>()
    let isAlive = true
    runs.push({ crash: () => end.resolve({ error: crash }), hang: () => (isAlive = false) })
    return { exited: end.promise, heartbeat: () => isAlive, kill: (error) => end.resolve({ error }) }
  }
  const keeper = supervisor({
    name: 'x',
    clock,
    random: () => random,
    launch,
    onCrash: (error) => log.push(`crash ${error.message}`),
    onRefusal: (error) => log.push(`refused ${error.code}`),
    onQuarantine: () => log.push('quarantined'),
  })
  void keeper.run()
  return { clock, log, runs, halt: keeper.halt }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

const crashNow = async ({ runs }: Watched): Promise<void> => {
  runs.at(-1)!.crash()
  await settle()
}

describe('the supervisor', () => {
  it('restarts after one to two seconds, then after longer, by the draw of the jitter', async () => {
    const most = watch(1)
    await crashNow(most)
    await most.clock.advance(1_999)
    expect(most.runs).toHaveLength(1)
    await most.clock.advance(1)
    expect(most.runs).toHaveLength(2)
    await crashNow(most)
    await most.clock.advance(4_000)
    expect(most.log).toEqual(['start 0', 'crash ended', 'start 2000', 'crash ended', 'start 6000'])
    const least = watch(0)
    await crashNow(least)
    await least.clock.advance(1_000)
    expect(least.runs).toHaveLength(2)
  })

  it('gives up on a plugin that crashes three times in five minutes', async () => {
    const watched = watch(0)
    for (let n = 0; n < 3; n++) {
      await crashNow(watched)
      await watched.clock.advance(60_000)
    }
    expect(watched.log.at(-1)).toBe('quarantined')
    await watched.clock.advance(3_600_000)
    expect(watched.runs).toHaveLength(3)
  })

  it('forgets crashes that are older than five minutes', async () => {
    const watched = watch(0)
    for (let n = 0; n < 6; n++) {
      await crashNow(watched)
      await watched.clock.advance(200_000)
    }
    expect(watched.log).not.toContain('quarantined')
    expect(watched.runs).toHaveLength(7)
  })

  it('kills a plugin that misses three heartbeats while it is idle', async () => {
    const watched = watch(0)
    await watched.clock.advance(60_000)
    expect(watched.runs).toHaveLength(1)
    watched.runs[0]!.hang()
    await watched.clock.advance(15_000)
    await settle()
    expect(watched.log).toContain('crash x missed 3 heartbeats')
  })

  it('does not try again what was refused, nor after it was halted', async () => {
    const refused = watch(0, new PluginError('plugin.invalid', 'no plugin'))
    await settle()
    await refused.clock.advance(100_000)
    expect(refused.log).toEqual(['start 0', 'refused plugin.invalid'])
    const halted = watch(0)
    halted.halt()
    await crashNow(halted)
    await halted.clock.advance(100_000)
    expect(halted.runs).toHaveLength(1)
  })
})
