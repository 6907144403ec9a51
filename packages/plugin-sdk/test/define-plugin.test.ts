import { describe, expect, expectTypeOf, it } from 'vitest'
import { definePlugin, z } from '../src/index.ts'
import { describePlugin, manifestSchema } from '../src/manifest.ts'

const base = { version: '1.0.0', type: 'extension', description: 'Made for a test.' } as const
const reason = 'Keep a value'

const keeper = definePlugin({
  ...base,
  id: 'acme.keeper',
  permissions: {
    required: { 'data:database': { reason } },
    optional: { 'data:memory': { access: 'read', reason } },
  },
  actions: {
    keep: {
      description: 'Keeps',
      effect: 'write',
      aliases: ['store'],
      examples: [{ user: 'Keep 1', input: { n: 1 } }],
      input: z.object({ n: z.number().default(3), text: z.string().optional() }),
      output: z.object({ kept: z.boolean() }),
      async run(input, ctx) {
        expectTypeOf(input).toEqualTypeOf<{ n: number; text?: string | undefined }>()
        expectTypeOf(ctx.call.principalId).toEqualTypeOf<string>()
        expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(await ctx.kv.get('x', z.object({ a: z.number() }))).toEqualTypeOf<
          { a: number } | undefined
        >()
        expectTypeOf((await ctx.kv.list('x'))[0]!.value).toEqualTypeOf<unknown>()
        expectTypeOf((await ctx.kv.list('x', { schema: z.date() }))[0]!.value).toEqualTypeOf<Date>()
        // @ts-expect-error -- no such scope
        await ctx.kv.set('x', 1, { scope: 'world' })
        // @ts-expect-error -- nothing unlocks it
        void ctx.http
        // @ts-expect-error -- what is optional may not have been granted
        await ctx.optional.memory.search('x')
        await ctx.optional.memory?.search('x')
        return { kept: true }
      },
    },
  },
})

describe('definePlugin', () => {
  it('says in the manifest which actions tell where they apply', () => {
    const action = { description: 'Does', effect: 'read', input: z.object({}), output: z.object({}) } as const
    const run = async () => ({})
    const plugin = definePlugin({
      ...base,
      id: 'acme.choosy',
      actions: {
        always: { ...action, run },
        some: {
          ...action,
          run,
          available(ctx) {
            expectTypeOf(ctx.call.principalId).toEqualTypeOf<string>()
            return ctx.call.conversationId !== undefined
          },
        },
        // @ts-expect-error -- yes or no
        odd: { ...action, run, available: () => 'yes' },
      },
    })
    const { actions } = describePlugin(plugin).contributes
    expect(actions.map(({ isConditional }) => isConditional)).toEqual([false, true, true])
  })

  it('gives an action only what its permissions unlock', () => {
    definePlugin({
      ...base,
      id: 'a.b',
      actions: {
        one: {
          description: 'x',
          effect: 'read',
          input: z.string(),
          output: z.number(),
          async run(input, ctx) {
            expectTypeOf(input).toEqualTypeOf<string>()
            // @ts-expect-error -- data:database is not asked for
            void ctx.kv
            return input.length
          },
        },
      },
    })
    definePlugin({
      ...base,
      id: 'a.b',
      permissions: { optional: { 'data:database': { reason } } },
      actions: {
        one: {
          description: 'x',
          effect: 'read',
          input: z.string(),
          output: z.unknown(),
          async run(_, ctx) {
            // @ts-expect-error -- an optional permission may not be granted
            await ctx.optional.kv.get('x', z.string())
            return ctx.optional.kv?.get('x', z.string())
          },
        },
      },
    })
  })

  it('checks what an action returns, and that its effect is named', () => {
    definePlugin({
      ...base,
      id: 'a.b',
      actions: {
        wrong: {
          description: 'x',
          effect: 'read',
          input: z.object({}),
          output: z.object({ ok: z.boolean() }),
          // @ts-expect-error -- not the output
          run: async () => ({ ok: 'yes' }),
        },
        // @ts-expect-error -- the effect is missing
        silent: { description: 'x', input: z.object({}), output: z.string(), run: async () => 'x' },
        odd: {
          description: 'x',
          // @ts-expect-error -- no such effect
          effect: 'none',
          input: z.object({}),
          output: z.string(),
          run: async () => 'x',
        },
        example: {
          description: 'x',
          effect: 'read',
          // @ts-expect-error -- the example is no input
          examples: [{ user: 'x', input: { n: 'one' } }],
          input: z.object({ n: z.number() }),
          output: z.string(),
          run: async () => 'x',
        },
      },
    })
  })

  it('knows ids, versions and permissions', () => {
    // @ts-expect-error -- an id has a namespace
    definePlugin({ ...base, id: 'alone' })
    // @ts-expect-error -- a version has three numbers
    definePlugin({ ...base, id: 'a.b', version: 'one' })
    // @ts-expect-error -- no such permission
    definePlugin({ ...base, id: 'a.b', permissions: { required: { 'net:everything': { reason } } } })
    // @ts-expect-error -- a permission has a reason
    definePlugin({ ...base, id: 'a.b', permissions: { required: { 'data:database': {} } } })
    // @ts-expect-error -- this one has a scope
    definePlugin({ ...base, id: 'a.b', permissions: { required: { 'net:dns': { reason } } } })
    // @ts-expect-error -- an author cannot ask for less than a process
    definePlugin({ ...base, id: 'a.b', isolation: 'none' })
  })
})

describe('a manifest', () => {
  it('is read from the definition, with defaults and JSON Schemas', () => {
    expect(describePlugin(keeper)).toMatchObject({
      manifestVersion: 1,
      id: 'acme.keeper',
      limits: { memoryMb: 64, callTimeoutMs: 30_000, storageMb: 16 },
      isolation: { level: 'process' },
      permissions: {
        required: { 'data:database': { reason } },
        optional: { 'data:memory': { access: 'read', conversations: 'current', reason } },
      },
      contributes: {
        actions: [
          {
            name: 'keep',
            effect: 'write',
            aliases: ['store'],
            examples: [{ user: 'Keep 1', input: { n: 1 } }],
            input: { type: 'object', properties: { n: { type: 'number', default: 3 } } },
            output: { type: 'object', required: ['kept'] },
          },
        ],
      },
    })
  })

  const manifest = describePlugin(keeper)
  const permission = (name: string, grant: object) => ({
    permissions: { required: { [name]: { reason, ...grant } } },
  })
  it.each([
    ['an unknown key', { extra: 1 }],
    ['an unknown permission', permission('net:everything', {})],
    ['every host', permission('net:outbound:https', { hosts: ['*'] })],
    ['every host under com', permission('net:outbound:https', { hosts: ['*.com'] })],
    ['an address for a host', permission('net:outbound:https', { hosts: ['169.254.169.254'] })],
    ['a path that climbs', permission('fs:read:workspace', { paths: ['a/../../b'] })],
    ['a missing reason', permission('data:database', { reason: undefined })],
    ['an id with a path', { id: '../evil' }],
    ['an id in capitals', { id: 'Acme.Evil' }],
    ['isolation none', { isolation: { level: 'none' } }],
    ['a version that is none', { version: '1' }],
    ['memory beyond the limit', { limits: { memoryMb: 1_000_000 } }],
    ['a utility with permissions', { type: 'utility' }],
    [
      'an action without effect',
      { contributes: { actions: [{ ...manifest.contributes.actions[0], effect: undefined }] } },
    ],
    [
      'an action with a strange name',
      { contributes: { actions: [{ ...manifest.contributes.actions[0], name: 'a b' }] } },
    ],
  ])('with %s is refused', (_, change) => {
    expect(manifestSchema.safeParse(manifest).success).toBe(true)
    expect(manifestSchema.safeParse({ ...manifest, ...change }).success).toBe(false)
  })
})
