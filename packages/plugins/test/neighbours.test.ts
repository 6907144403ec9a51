import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { startHost } from './start-host.ts'

const plugin = (id: string): string => `import { definePlugin, z } from '@covent/plugin-sdk'
  const way = (run) => ({ description: 'x', effect: 'write', input: z.any(), output: z.any(), run })
  export default definePlugin({ id: '${id}', version: '1.0.0', type: 'extension', description: 'Made for a test.',
    permissions: { required: { 'data:database': { reason: 'Keep values' } } },
    actions: {
      keep: way(async (scope, ctx) => { await ctx.kv.set('secret', 'of ' + ctx.plugin.id, { scope }); return 'kept' }),
      read: way(async ({ key, scope }, ctx) => (await ctx.kv.get(key, z.any(), { scope })) ?? 'nothing'),
      list: way(async (scope, ctx) => (await ctx.kv.list('', { scope })).map(({ value }) => value)),
    } })`

describeWith('bubblewrap', 'a plugin beside another one', () => {
  it('reads none of its values, under whatever key, scope or name', async () => {
    const { host, call } = await startHost({
      installed: { owner: plugin('acme.owner'), thief: plugin('acme.thief') },
      plugins: {
        allowUnsigned: true,
        grants: { 'acme.owner': ['data:database'], 'acme.thief': ['data:database'] },
      },
    })
    expect(host.list().map(({ state }) => state)).toEqual(['ready', 'ready'])
    for (const scope of ['plugin', 'principal']) {
      expect(await call('acme.owner', 'keep', scope)).toBe('kept')
      for (const key of [
        'secret',
        'acme.owner/secret',
        '../acme.owner/secret',
        `["acme.owner","${scope}",""]secret`,
      ])
        expect(await call('acme.thief', 'read', { key, scope }).catch(() => 'refused')).toMatch(
          /^(nothing|refused)$/,
        )
      expect(await call('acme.thief', 'list', scope)).toEqual([])
    }
    expect(await call('acme.owner', 'read', { key: 'secret', scope: 'plugin' })).toBe('of acme.owner')
  })
})
