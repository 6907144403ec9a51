import { describeWith } from '@covent/testing'
import { beforeAll, expect, it } from 'vitest'
import { packed, trustingHost } from './package/noter.ts'

const none = { allowUnsigned: false, grant: [] }
const optional = { 'data:database': { reason: 'Keep a note' } }
const actions = {
  ask: `return ctx.request('data:database', input)`,
  other: `return ctx.request('data:secrets')`,
  has: `return 'kv' in ctx.optional`,
  late: `const before = 'kv' in ctx.optional
    const said = await ctx.request('data:database', { waitMs: 20_000 })
    return [before, said, 'kv' in ctx.optional]`,
  hold: `const { kv } = ctx.optional
    for (;;) { await kv.set('a', 1); await new Promise((done) => setTimeout(done, 10)) }`,
  count: `return globalThis.n = (globalThis.n ?? 0) + 1`,
}

describeWith('bubblewrap', 'an optional permission', () => {
  let bytes: Uint8Array
  beforeAll(async () => {
    bytes = await packed('1.0.0', {
      asks: `permissions: { optional: ${JSON.stringify(optional)} },`,
      acts: actions,
    })
  })
  const installed = async () => {
    const started = await trustingHost()
    await started.registry.install(bytes, none)
    const call = (action: string, input?: unknown) => started.call('acme.noter', action, input)
    const stateOf = async () => (await started.registry.show('acme.noter')).package?.permissions[0]?.state
    const requests = () => started.events.filter(({ type }) => type === 'plugin.permission-requested').length
    return { ...started, call, stateOf, requests }
  }

  it('is asked for once, granted while the plugin runs, and revoked before its next request', async () => {
    const { registry, call, stateOf, requests, refusal, audited } = await installed()
    expect(await call('count')).toBe(1)
    expect([await call('ask'), await call('ask'), await call('has')]).toEqual(['pending', 'pending', false])
    expect([requests(), await stateOf()]).toEqual([1, 'pending'])
    expect((await registry.grant('acme.noter', ['data:database'])).grants).toEqual(['data:database'])
    expect([await call('ask'), await call('has')]).toEqual(['granted', true])
    const held = refusal('acme.noter', 'hold')
    await expect.poll(() => audited.some(({ action }) => action === 'kv.set')).toBe(true)
    await registry.revoke('acme.noter', ['data:database'])
    expect([await call('ask'), await call('has'), requests()]).toEqual(['denied', false, 1])
    expect(await held).toBe('plugin.permission-denied')
    expect(await call('count')).toBe(2)
    expect(audited.filter(({ action }) => action === 'plugin.start')).toHaveLength(1)
  })

  it('is denied for good, and over a restart, without another question', async () => {
    const { registry, call, requests, home, records, host } = await installed()
    await registry.revoke('acme.noter', ['data:database'])
    expect([await call('ask'), requests()]).toEqual(['denied', 0])
    await host.stop?.()
    const again = await trustingHost({ home, records })
    expect(await again.call('acme.noter', 'ask', { waitMs: 20_000 })).toBe('denied')
    expect(again.events.filter(({ type }) => type === 'plugin.permission-requested')).toEqual([])
  })

  it('is waited for, and is there in the same call', async () => {
    const { registry, call, requests } = await installed()
    const late = call('late')
    await expect.poll(requests).toBe(1)
    await registry.grant('acme.noter', ['data:database'])
    expect(await late).toEqual([false, 'granted', true])
    expect(await call('ask', { waitMs: 20_000 })).toBe('granted')
  })

  it('is pending after the wait, and undeclared ones cannot be asked for', async () => {
    const { call, refusal, events } = await installed()
    expect(await call('ask', { waitMs: 30 })).toBe('pending')
    expect(await refusal('acme.noter', 'other')).toBe('plugin.permission-denied')
    expect(events.at(-1)).toMatchObject({
      type: 'plugin.permission-denied',
      payload: {
        target: 'data:secrets',
        allowedBy: expect.stringMatching(/permissions\.optional/) as string,
      },
    })
  })
})
