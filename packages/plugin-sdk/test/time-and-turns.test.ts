import { describe, expect, it } from 'vitest'
import { definePlugin, z } from '../src/index.ts'
import { describePlugin } from '../src/manifest.ts'

const judges = definePlugin({
  id: 'acme.judges',
  version: '1.0.0',
  type: 'extension',
  description: 'Made for a test.',
  permissions: { required: { 'data:database': { reason: 'Keep a value' } } },
  actions: {
    quick: {
      description: 'Is quick',
      effect: 'read',
      timeoutMs: 500,
      input: z.object({}),
      output: z.string(),
      run: async () => 'done',
    },
    wrong: {
      description: 'Is late',
      effect: 'read',
      // @ts-expect-error -- milliseconds are a number
      timeoutMs: '500',
      input: z.object({}),
      output: z.string(),
      run: async () => 'done',
    },
  },
  evaluators: {
    longer: {
      async when({ text, reply }, ctx) {
        return (await ctx.kv.get('on', z.boolean())) === true && text.length > reply.length
      },
      async evaluate() {},
    },
    wrong: {
      // @ts-expect-error -- a truth
      when: () => 'yes',
      async evaluate() {},
    },
  },
})

describe('the time of an action', () => {
  it('stands in the manifest as a number, or not at all', () => {
    expect(() => describePlugin(judges)).toThrow(/timeoutMs/)
    const { wrong: _, ...actions } = judges.definition.actions ?? {}
    const mended = { kind: 'plugin', definition: { ...judges.definition, actions } } as const
    expect(describePlugin(mended).contributes.actions).toMatchObject([{ name: 'quick', timeoutMs: 500 }])
  })
})
