import { describeWith } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { memoryKeyValues } from '../src/testing/memory-key-values.ts'
import { bundle, example, pluginSource, startHost } from './start-host.ts'

const database = `permissions: { required: { 'data:database': { reason: 'Keep a value' } } },`
const keeper = pluginSource('acme.keeper', {
  more: database,
  actions: {
    set: `await ctx.kv.set(input.key, input.value, input.options); return 'set'`,
    get: `return (await ctx.kv.get(input.key, z.any(), input.options)) ?? 'nothing'`,
    swap: `return ctx.kv.compareAndSet(input.key, { expected: input.expected, next: input.next })`,
    call: `return ctx.call`,
    later: `globalThis.kept = ctx; return 'kept'`,
    useLater: `return globalThis.kept.kv.get('x', z.any()).catch((error) => error.message)`,
  },
})
/** Has no permission, and asks the host all the same. */
const grabber = (id: string): string =>
  pluginSource(id, {
    actions: {
      grab: `const fs = process.getBuiltinModule('node:fs')
      const text = (value) => [0xa0 | value.length, ...Buffer.from(value)]
      const body = [0x85, text('kind'), text('request'), text('call'), 0, text('n'), 0, text('method'), text('kv.get'), text('params'), 0x81, text('key'), text('x')].flat()
      fs.writeSync(3, Buffer.from([0, 0, 0, body.length, ...body]))
      await new Promise((done) => setTimeout(done, 100))
      return Object.keys(ctx)`,
    },
  })

const timed = (name: string, timeoutMs: number): string => `${name}: {
  description: 'Waits', effect: 'read', timeoutMs: ${timeoutMs}, input: z.any(), output: z.any(),
  run: () => new Promise(() => {}) },`

describeWith('bubblewrap', 'the time of an action', () => {
  it('is its own, and no more than the plugin’s', async () => {
    const source = `import { definePlugin, z } from '@covent/plugin-sdk'
    export default definePlugin({
      id: 'acme.timed', version: '1.0.0', type: 'extension', description: 'Made for a test.',
      limits: { callTimeoutMs: 400 }, actions: { ${timed('short', 200)} ${timed('long', 60_000)} },
    })`
    const { call, host } = await startHost({ bundled: [bundle('timed', source)] })
    await expect(call('acme.timed', 'short')).rejects.toThrow(/within 200 ms/)
    await expect(call('acme.timed', 'long')).rejects.toThrow(/within 400 ms/)
    expect(host.actions()[0]).not.toHaveProperty('timeoutMs')
  })
})

describeWith('bubblewrap', 'the plugin host', () => {
  describe('with the plugins of the examples', () => {
    it('tells the time anywhere, and says so where it knows no such place', async () => {
      const { call, host } = await startHost({ bundled: [example('clock')] })
      const output = await call('covent.clock', 'get_current_time', { timeZone: 'Tokyo' })
      expect(output).toMatchObject({ timeZone: 'Asia/Tokyo', iso: expect.stringMatching(/\+09:00$/) })
      const { iso } = output as { readonly iso: string }
      expect(Math.abs(Date.parse(iso) - Date.now())).toBeLessThan(5_000)
      const zones = ['America/New_York', 'new york', 'Kyiv', 'Asia/Calcutta', 'São Paulo', 'UTC']
      for (const timeZone of zones) await call('covent.clock', 'get_current_time', { timeZone })
      await expect(call('covent.clock', 'get_current_time', { timeZone: 'Atlantis' })).rejects.toThrow(
        /no time zone or city called “Atlantis”/,
      )
      expect(host.actions().map(({ name, effect }) => `${name} ${effect}`)).toEqual(['get_current_time read'])
    })

    it('keeps the notes of each person apart', async () => {
      const { call } = await startHost({ bundled: [example('notes')] })
      await call('covent.notes', 'add_note', { text: 'the milk is empty' })
      await call('covent.notes', 'add_note', { text: 'call Bob' }, { principalId: 'ben' })
      const texts = async (principalId: string) =>
        ((await call('covent.notes', 'list_notes', {}, { principalId })) as { notes: { text: string }[] })
          .notes
      expect(await texts('anna')).toMatchObject([{ text: 'the milk is empty' }])
      expect(await texts('ben')).toMatchObject([{ text: 'call Bob' }])
      expect(await texts('eve')).toEqual([])
      const found = await call('covent.notes', 'search_notes', { query: 'MILK' })
      expect(found).toMatchObject({ text: '1 note for MILK:\n1. the milk is empty' })
    })
  })

  describe('with permissions', () => {
    it('does a write once, however often its call is repeated', async () => {
      const keyValues = memoryKeyValues()
      const { call } = await startHost({ bundled: [bundle('keeper', keeper)], keyValues })
      const write = (value: number, callId: string) =>
        call('acme.keeper', 'set', { key: 'x', value }, { callId })
      await write(1, 'call_a')
      await write(2, 'call_b')
      await write(1, 'call_a')
      expect(await call('acme.keeper', 'get', { key: 'x' })).toBe(2)
    })

    it('keeps values by principal, by conversation, or for the plugin', async () => {
      const { call, refusal } = await startHost({ bundled: [bundle('keeper', keeper)] })
      const conversation = { conversationId: 'conv_1' }
      const value = (scope: string) => ({ key: 'x', value: scope, options: { scope } })
      for (const scope of ['principal', 'conversation', 'plugin'])
        await call('acme.keeper', 'set', value(scope), conversation)
      const seen = (scope: string, context: object) =>
        call('acme.keeper', 'get', { key: 'x', options: { scope } }, context)
      expect(await seen('principal', {})).toBe('principal')
      expect(await seen('principal', { principalId: 'ben', ...conversation })).toBe('nothing')
      expect(await seen('conversation', { principalId: 'ben', ...conversation })).toBe('conversation')
      expect(await seen('conversation', { conversationId: 'conv_2' })).toBe('nothing')
      expect(await seen('plugin', { principalId: 'ben' })).toBe('plugin')
      expect(await refusal('acme.keeper', 'get', { key: 'x', options: { scope: 'conversation' } })).toBe(
        'plugin.input-invalid',
      )
    })

    it('compares before it sets, and gives up what is over the quota', async () => {
      const more = `${database} limits: { storageMb: 0 },`
      const full = pluginSource('acme.full', { more, actions: { set: `await ctx.kv.set('x', 1)` } })
      const { call, refusal } = await startHost({ bundled: [bundle('keeper', keeper), bundle('full', full)] })
      expect(await call('acme.keeper', 'swap', { key: 'x', next: { a: 1 } })).toBe(true)
      expect(await call('acme.keeper', 'swap', { key: 'x', next: 2 })).toBe(false)
      expect(await call('acme.keeper', 'swap', { key: 'x', expected: { a: 1 }, next: 2 })).toBe(true)
      expect(await refusal('acme.full', 'set')).toBe('plugin.quota-exceeded')
    })

    it('refuses what was not granted, says how to grant it, and tells of it', async () => {
      const { call, events } = await startHost({ bundled: [bundle('grabber', grabber('acme.grabber'))] })
      expect(await call('acme.grabber', 'grab')).not.toContain('kv')
      expect(events).toContainEqual({
        type: 'plugin.permission-denied',
        payload: {
          plugin: 'acme.grabber',
          permission: 'data:database',
          target: 'kv.get',
          allowedBy: '"data:database": { "reason": "…" } under permissions.required of its manifest',
        },
      })
    })

    it('refuses a request on behalf of a call that has ended', async () => {
      const { call } = await startHost({ bundled: [bundle('keeper', keeper)] })
      await call('acme.keeper', 'later')
      expect(await call('acme.keeper', 'useLater')).toBe('the call has ended')
    })

    it('tells a plugin who asks by names that mean nothing elsewhere', async () => {
      const other = pluginSource('acme.other', { actions: { call: `return ctx.call` } })
      const { call } = await startHost({ bundled: [bundle('keeper', keeper), bundle('other', other)] })
      const first = (await call('acme.keeper', 'call', {}, { conversationId: 'conv_1' })) as object
      const again = await call('acme.keeper', 'call', {}, { conversationId: 'conv_1' })
      expect(again).toEqual(first)
      expect(JSON.stringify(first)).not.toMatch(/anna|conv_1|turn_1/)
      expect(await call('acme.other', 'call', {}, { conversationId: 'conv_1' })).not.toEqual(first)
    })
  })

  describe('with plugins of strangers', () => {
    const asking = pluginSource('acme.asking', {
      more: database,
      actions: { has: `return 'kv' in ctx`, set: `await ctx.kv.set('x', 1); return 'set'` },
    })

    it('refuses them unless unsigned plugins are allowed', async () => {
      const { host, refusal, health } = await startHost({ installed: { asking } })
      expect(host.list()).toMatchObject([{ id: 'asking', state: 'refused', trust: 'unverified' }])
      expect(host.list()[0]!.reason).toMatch(/plugins\.allowUnsigned/)
      expect(await refusal('asking', 'has')).toBe('plugin.unavailable')
      expect(await health.check()).toMatchObject({ ok: false, detail: 'asking is refused' })
    })

    it('gives them what the operator granted of what they ask for, and nothing else', async () => {
      const grants = { 'acme.asking': ['data:database', 'data:memory'] }
      const bare = await startHost({ plugins: { allowUnsigned: true }, installed: { asking } })
      await expect(bare.call('acme.asking', 'set')).rejects.toMatchObject({
        code: 'plugin.permission-denied',
        message: expect.stringContaining('data:database'),
      })
      expect(bare.events.map(({ type }) => type)).toContain('plugin.permission-requested')
      const granted = await startHost({ plugins: { allowUnsigned: true, grants }, installed: { asking } })
      expect(await granted.call('acme.asking', 'set')).toBe('set')
      expect(granted.host.list()).toMatchObject([
        { id: 'acme.asking', state: 'ready', isolation: 'process', grants: ['data:database'] },
      ])
    })

    it('refuses an id that is reserved or taken', async () => {
      const source = (id: string) => pluginSource(id, { actions: {} })
      const installed = { a: source('covent.notes'), b: source('acme.same') }
      const bundled = [bundle('same', source('acme.same'))]
      const { host } = await startHost({ plugins: { allowUnsigned: true }, installed, bundled })
      expect(host.list().map(({ id, state, trust }) => `${id} ${state} ${trust}`)).toEqual([
        'acme.same ready first-party',
        'a refused unverified',
        'b refused unverified',
      ])
    })

    it('refuses a plugin that asks for more isolation than there is', async () => {
      const wanting = pluginSource('acme.vm', { more: `isolation: 'vm',`, actions: {} })
      const { host } = await startHost({ plugins: { allowUnsigned: true }, installed: { wanting } })
      expect(host.list()).toMatchObject([
        { state: 'refused', reason: expect.stringMatching(/^acme.vm needs isolation vm/) },
      ])
    })
  })

  it('starts a plugin again that has crashed, and says so meanwhile', async () => {
    const actions = {
      exit: `process.exit(3)`,
      add: `await ctx.kv.set('x', 1); return ctx.kv.get('x', z.any())`,
    }
    const fragile = pluginSource('acme.fragile', { more: database, actions })
    const { host, call, refusal, events } = await startHost({ bundled: [bundle('fragile', fragile)] })
    expect(await refusal('acme.fragile', 'exit')).toBe('plugin.crashed')
    await expect
      .poll(() => host.list()[0])
      .toMatchObject({ state: 'starting', reason: expect.stringMatching(/ended with code 3/) })
    expect(host.actions()).toEqual([])
    expect(await refusal('acme.fragile', 'add')).toBe('plugin.unavailable')
    await expect.poll(() => host.list()[0]!.state, { timeout: 5_000 }).toBe('ready')
    expect(await call('acme.fragile', 'add')).toBe(1)
    expect(events.map(({ type }) => type)).toEqual(['plugin.loaded', 'plugin.failed', 'plugin.loaded'])
  })

  describe('with plugins that are wrong', () => {
    it.each([
      ['a syntax error', 'export default {{'],
      ['another import', `import 'node:fs'`],
      ['no plugin', 'export default 1'],
      ['a bad id', pluginSource('Nope', { actions: {} })],
      [
        'a utility with permissions',
        pluginSource('a.b', { more: `${database}type: 'utility',`, actions: {} }),
      ],
    ])('refuses %s with a reason', async (_, source) => {
      const { host } = await startHost({ bundled: [bundle('wrong', source)] })
      expect(host.list()).toMatchObject([
        { id: 'wrong', state: 'refused', reason: expect.stringMatching(/^wrong/) },
      ])
    })

    it('checks inputs before the plugin sees them and outputs before anyone else does', async () => {
      const source = `
        import { definePlugin, z } from '@covent/plugin-sdk'
        const fs = process.getBuiltinModule('node:fs')
        const text = (value) => [0xa0 | value.length, ...Buffer.from(value)]
        export default definePlugin({ id: 'acme.typed', version: '1.0.0', type: 'utility', description: 'Made for a test.',
          actions: {
            double: { description: 'x', effect: 'read', input: z.object({ n: z.number() }), output: z.number(),
              run: async ({ n }) => n * 2 },
            lie: { description: 'x', effect: 'read', input: z.object({}), output: z.number(),
              async run(input, ctx) {
                const body = [0x83, text('kind'), text('result'), text('id'), 1, text('output'), text('text')].flat()
                fs.writeSync(3, Buffer.from([0, 0, 0, body.length, ...body]))
                return new Promise((done) => ctx.signal.addEventListener('abort', done))
              } },
            slow: { description: 'x', effect: 'read', input: z.object({ s: z.string().regex(/^(a+)+$/) }), output: z.number(),
              run: async () => 1 },
          } })`
      const { call, refusal } = await startHost({ bundled: [bundle('typed', source)] })
      expect(await call('acme.typed', 'double', { n: 2 })).toBe(4)
      expect(await refusal('acme.typed', 'lie')).toBe('plugin.output-invalid')
      expect(await refusal('acme.typed', 'double', { n: 'two' })).toBe('plugin.input-invalid')
      expect(await refusal('acme.typed', 'slow', { s: 'b' })).toBe('plugin.input-invalid')
      expect(await refusal('acme.typed', 'nothing')).toBe('plugin.not-found')
      expect(await refusal('acme.nobody', 'nothing')).toBe('plugin.not-found')
    })
  })
})
