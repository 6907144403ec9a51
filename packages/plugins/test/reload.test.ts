import { readFileSync } from 'node:fs'
import { AppError } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { pluginSource } from './start-host.ts'
import { startRoster } from './start-roster.ts'

const versioned = (version: string, more = '', actions: Readonly<Record<string, string>> = {}): string =>
  pluginSource('acme.made', {
    more,
    actions: {
      version: `return '${version}'`,
      slow: `await new Promise((done, fail) => {
        setTimeout(done, input.ms)
        ctx.signal.addEventListener('abort', () => fail(ctx.signal.reason))
      })
      return '${version}'`,
      die: `process.exit(1)`,
      ...actions,
    },
  }).replace('1.0.0', version)

const failuresOf = ({ events }: Awaited<ReturnType<typeof startRoster>>) =>
  events.flatMap(({ type, payload }) =>
    type === 'plugin.failed' ? [(payload as { error: { code: string; message: string } }).error] : [],
  )
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describeWith('bubblewrap', 'a reload', () => {
  it('lets calls of the old process end, and gives new ones to the new version', async () => {
    const { roster, entry, call, events } = await startRoster({ reload: { watchMs: 0 } })
    await (
      await roster.put(entry('made', versioned('1.0.0')))
    ).settled
    const old = roster.find('acme.made')!.running()!.sandbox
    const inFlight = call('acme.made', 'slow', { ms: 1_500 })
    await roster.put(entry('made', versioned('1.1.0')))
    expect(await call('acme.made', 'version')).toBe('1.1.0')
    expect(isAlive(old.pid!)).toBe(true)
    expect(await inFlight).toBe('1.0.0')
    await old.exited
    await expect
      .poll(() => events.at(-1))
      .toMatchObject({ type: 'plugin.unloaded', payload: { version: '1.0.0', reason: '1.1.0 took over' } })
  })

  it('ends a call that goes on beyond the limit of draining', async () => {
    const { roster, entry, call } = await startRoster({ reload: { watchMs: 0, drainMs: 200 } })
    await (
      await roster.put(entry('made', versioned('1.0.0')))
    ).settled
    const inFlight = call('acme.made', 'slow', { ms: 60_000 }).catch((error: unknown) => error)
    await roster.put(entry('made', versioned('1.1.0')))
    expect(AppError.is(await inFlight)).toBe(true)
    expect(await call('acme.made', 'version')).toBe('1.1.0')
  }, 15_000)

  it.each([
    ['does not load', 'throw new Error("half a thought")', /half a thought/],
    ['fails in onLoad', versioned('1.1.0', `async onLoad() { throw new Error('no luck') },`), /no luck/],
    [
      'is not well',
      versioned('1.1.0', `async health() { return { ok: false, detail: 'the disk is full' } },`),
      /disk is full/,
    ],
    [
      'calls itself another',
      versioned('1.1.0').replace('acme.made', 'acme.other'),
      /calls itself acme.other and was acme.made/,
    ],
  ])('keeps the old version where the new one %s', async (_, source, reason) => {
    const started = await startRoster()
    const { roster, entry, call } = started
    await (
      await roster.put(entry('made', versioned('1.0.0')))
    ).settled
    const error = await roster.put(entry('made', source)).catch((refused: unknown) => refused)
    expect(error).toMatchObject({ code: 'plugin.rolled-back', message: expect.stringMatching(reason) })
    expect(await call('acme.made', 'version')).toBe('1.0.0')
    expect(failuresOf(started).at(-1)).toMatchObject({ code: 'plugin.rolled-back' })
    // Nothing is left of the attempt that would stand in the way of the next one.
    await roster.put(entry('made', versioned('1.2.0')))
    expect(await call('acme.made', 'version')).toBe('1.2.0')
  })

  it.each([
    ['crashes', 'die'],
    ['says that it is ill', 'sicken'],
  ])('brings the old version back where the new one %s while it is watched', async (_, action) => {
    const started = await startRoster({ healthIntervalMs: 100 })
    const { roster, entry, call, bus } = started
    const more = `on: { 'system.stopping'(event) { (globalThis.heard ??= []).push(event.reason) } },
      health: async () => ({ ok: globalThis.ill !== true }),`
    const actions = { heard: `return globalThis.heard ?? []`, sicken: `globalThis.ill = true; return 'ill'` }
    await (
      await roster.put(entry('made', versioned('1.0.0', more, actions)))
    ).settled
    const placed = await roster.put(entry('made', versioned('1.1.0', more, actions)))
    bus.emit('system.stopping', { reason: 'to the new' })
    await expect.poll(() => call('acme.made', 'heard')).toHaveLength(1)
    await call('acme.made', action).catch(() => {})
    expect(await placed.watched).toMatchObject({ code: 'plugin.rolled-back' })
    expect(await call('acme.made', 'version')).toBe('1.0.0')
    bus.emit('system.stopping', { reason: 'to the old' })
    await expect.poll(() => call('acme.made', 'heard')).toHaveLength(1)
    expect(failuresOf(started).at(-1)).toMatchObject({ code: 'plugin.rolled-back' })
  })
})
