import { describe, expect, expectTypeOf, it } from 'vitest'
import { definePlugin, defineService, mayUse, uses, z } from '../src/index.ts'
import { describePlugin, manifestSchema } from '../src/manifest.ts'

const base = {
  id: 'acme.made',
  version: '1.0.0',
  type: 'extension',
  description: 'Made for a test.',
} as const
const reason = 'Keep a value'

export const channels = definePlugin({
  ...base,
  type: 'integration',
  permissions: { required: { 'data:database': { reason } } },
  channels: {
    post: {
      description: 'A post box',
      async start(ctx) {
        await ctx.deliver({ conversationId: 'room', principalId: 'bob', text: 'hi', idempotencyKey: '1' })
        // @ts-expect-error -- nobody says it
        await ctx.deliver({ conversationId: 'room', text: 'hi' })
        await ctx.kv.set('up', true, { scope: 'plugin' })
        // @ts-expect-error -- a channel acts for nobody
        void ctx.call
      },
      async stop(ctx) {
        // @ts-expect-error -- only the context of `start` delivers
        void ctx.deliver
      },
      async send({ conversationId, text }) {
        expectTypeOf([conversationId, text]).toEqualTypeOf<string[]>()
      },
      // @ts-expect-error -- a truth
      connected: () => 'yes',
    },
  },
})

export const routes = definePlugin({
  ...base,
  routes: [
    {
      method: 'POST',
      path: '/incoming',
      auth: 'signature',
      async handle({ body, rawBody }, ctx) {
        expectTypeOf(body).toEqualTypeOf<unknown>()
        expectTypeOf(rawBody).toEqualTypeOf<Uint8Array | undefined>()
        // @ts-expect-error -- nothing unlocks it
        void ctx.kv
        return { status: 200, body: {} }
      },
    },
    // @ts-expect-error -- only these methods, and an answer has a status
    { method: 'PUT', path: '/x', auth: 'none', handle: async () => ({ status: 200 }) },
    // @ts-expect-error -- an answer has a status
    { method: 'GET', path: '/x', auth: 'none', handle: async () => ({}) },
  ],
})

export const asker = definePlugin({
  ...base,
  permissions: { required: { 'ai:inference': { models: ['rules'], reason } } },
  health: async (ctx) => {
    const { n } = await ctx.ai.generateObject({ prompt: 'How many?', schema: z.object({ n: z.number() }) })
    expectTypeOf(n).toEqualTypeOf<number>()
    // @ts-expect-error -- a prompt is needed
    await ctx.ai.generate({ system: 'x' })
    // @ts-expect-error -- nothing unlocks it
    void ctx.kv
    return { ok: true }
  },
})

export const rememberer = definePlugin({
  ...base,
  permissions: {
    required: { 'data:memory': { access: 'write', reason }, 'ai:embedding': { reason } },
    optional: { 'ai:inference': { reason } },
  },
  health: async (ctx) => {
    await ctx.memory.add('It rains')
    // @ts-expect-error -- access is to write alone
    void ctx.memory.search
    expectTypeOf(await ctx.embeddings.embed(['a'])).toEqualTypeOf<readonly Float32Array[]>()
    // @ts-expect-error -- texts are a list
    await ctx.embeddings.embed('a')
    // @ts-expect-error -- optional, so under ctx.optional
    void ctx.ai
    return { ok: true }
  },
})

export const reader = definePlugin({
  ...base,
  permissions: { required: { 'data:memory': { access: 'read', conversations: 'all', reason } } },
  health: async (ctx) => {
    const [found] = await ctx.memory.search('rain', { limit: 1 })
    expectTypeOf(found?.text).toEqualTypeOf<string | undefined>()
    // @ts-expect-error -- access is to read alone
    void ctx.memory.add
    return { ok: true }
  },
})

const full = definePlugin({
  ...base,
  permissions: { required: { 'data:database': { reason } } },
  config: z.object({ unit: z.enum(['c', 'f']).default('c'), key: z.string().optional() }),
  emits: { 'level.reached': z.object({ n: z.number() }) },
  actions: {
    one: {
      description: 'x',
      effect: 'read',
      input: z.string(),
      output: z.number(),
      async run(input, ctx) {
        expectTypeOf(input).toEqualTypeOf<string>()
        expectTypeOf(ctx.config).toEqualTypeOf<{ unit: 'c' | 'f'; key?: string | undefined }>()
        ctx.emit('level.reached', { n: 1 })
        return 1
      },
    },
  },
  providers: {
    now: {
      timeoutMs: 500,
      async get(turn, ctx) {
        expectTypeOf(turn.text).toEqualTypeOf<string>()
        // @ts-expect-error -- a provider is asked by the turn, which stands in its first argument
        void ctx.call
        return { text: `${turn.character} ${ctx.config.unit}` }
      },
    },
  },
  evaluators: {
    judge: {
      async evaluate(turn, ctx) {
        expectTypeOf(turn.reply).toEqualTypeOf<string>()
        await ctx.kv.set('x', turn.reply, { scope: 'plugin' })
      },
    },
  },
  on: {
    async 'agent.message.received'(event, ctx) {
      expectTypeOf(event.principalId).toEqualTypeOf<string>()
      // @ts-expect-error -- not in the payload of this event
      void event.durationMs
      ctx.emit('level.reached', { n: 2 })
      // @ts-expect-error -- not declared under emits
      ctx.emit('level.lost', {})
      // @ts-expect-error -- not the payload
      ctx.emit('level.reached', { n: 'two' })
    },
  },
  async onLoad(ctx) {
    expectTypeOf(ctx.config.unit).toEqualTypeOf<'c' | 'f'>()
    // @ts-expect-error -- nobody waits for it
    ctx.progress('x')
  },
  async onError(failure) {
    expectTypeOf(failure.where).toEqualTypeOf<string>()
  },
  async health(ctx) {
    return { ok: ctx.config.unit === 'c' }
  },
})

describe('definePlugin', () => {
  it('refuses what the host would not call', () => {
    // @ts-expect-error -- not a text
    definePlugin({ ...base, providers: { now: { get: async () => ({ text: 1 }) } } })
    // @ts-expect-error -- no such event
    definePlugin({ ...base, on: { 'message.received'() {} } })
    // @ts-expect-error -- plugins would call each other without end
    definePlugin({ ...base, on: { 'plugin.event'() {} } })
    // @ts-expect-error -- health says whether it is ok
    definePlugin({ ...base, health: async () => ({ detail: 'fine' }) })
    definePlugin({
      ...base,
      async onLoad(ctx) {
        // @ts-expect-error -- data:database is not asked for
        void ctx.kv
        // @ts-expect-error -- there are no settings
        expect(ctx.config.unit).toBe('c')
        // @ts-expect-error -- nothing is declared under emits
        ctx.emit('x', 1)
      },
    })
  })
})

const geo = defineService('acme.geo', '1.2.0', {
  locate: {
    input: z.object({ place: z.string(), limit: z.number().default(1) }),
    output: z.object({ lat: z.number() }),
  },
})

describe('services', () => {
  it('give their callers typed clients', () => {
    definePlugin({
      ...base,
      services: { geo: uses(geo, '^1.0.0'), other: mayUse(geo, '^1.0.0') },
      async onLoad(ctx) {
        expectTypeOf(await ctx.services.geo.locate({ place: 'Oslo' })).toEqualTypeOf<{ lat: number }>()
        await ctx.services.other?.locate({ place: 'Oslo' }, { timeoutMs: 10 })
        // @ts-expect-error -- not the input
        await ctx.services.geo.locate({ plaec: 'Oslo' })
        // @ts-expect-error -- it may be missing
        await ctx.services.other.locate({ place: 'Oslo' })
        // @ts-expect-error -- not declared
        expect(ctx.services.third).toBe(undefined)
      },
    })
  })

  it('bind who provides them to the contract', () => {
    definePlugin({
      ...base,
      provides: {
        geo: {
          contract: geo,
          methods: {
            async locate(input) {
              expectTypeOf(input).toEqualTypeOf<{ place: string; limit: number }>()
              return { lat: 1 }
            },
          },
        },
      },
    })
    definePlugin({
      ...base,
      // @ts-expect-error -- not the output
      provides: { geo: { contract: geo, methods: { locate: async () => ({ lat: 'north' }) } } },
    })
    // @ts-expect-error -- a method is missing
    definePlugin({ ...base, provides: { geo: { contract: geo, methods: {} } } })
    // @ts-expect-error -- the version is none
    defineService('acme.geo', 'one', {})
  })

  it('stand in the manifest of both', () => {
    const manifest = describePlugin(definePlugin({ ...base, services: { geo: uses(geo, '^1.0.0') } }))
    expect(manifest.uses).toEqual([{ name: 'geo', service: 'acme.geo', range: '^1.0.0', optional: false }])
    const wrong = definePlugin({ ...base, services: { geo: uses(geo, 'any!') } })
    expect(() => describePlugin(wrong)).toThrow(/must be a range/)
  })
})

describe('a manifest', () => {
  it('says what a plugin hears, emits and contributes, and the shape of its settings', () => {
    expect(describePlugin(full)).toMatchObject({
      config: { type: 'object', properties: { unit: { enum: ['c', 'f'], default: 'c' } } },
      hooks: ['load', 'error', 'health'],
      on: ['agent.message.received'],
      emits: [{ name: 'level.reached', payload: { type: 'object', required: ['n'] } }],
      contributes: {
        providers: [{ name: 'now', timeoutMs: 500 }],
        evaluators: [{ name: 'judge' }],
      },
    })
  })

  const manifest = describePlugin(full)
  it.each([
    ['an event that is none', { on: ['toString'] }],
    ['events of plugins', { on: ['plugin.event'] }],
    ['events of security for an extension', { on: ['security.auth.failed'] }],
    ['a hook that is none', { hooks: ['reload'] }],
    ['a slow provider', { contributes: { providers: [{ name: 'now', timeoutMs: 60_000 }] } }],
    ['a strange name for an event', { emits: [{ name: '../x', payload: {} }] }],
  ])('with %s is refused', (_, change) => {
    expect(manifestSchema.safeParse(manifest).success).toBe(true)
    expect(manifestSchema.safeParse({ ...manifest, ...change }).success).toBe(false)
  })

  it('lets a system plugin hear of security', () => {
    const guard = { ...manifest, type: 'system', on: ['security.auth.failed'] }
    expect(manifestSchema.safeParse(guard).success).toBe(true)
  })
})
