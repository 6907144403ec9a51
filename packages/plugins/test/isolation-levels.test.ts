import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, startHost } from './start-host.ts'

const source = (id: string, more = '') => `import { definePlugin, z } from '@covent/plugin-sdk'
  let runs = 0
  export default definePlugin({ id: '${id}', version: '1.0.0', type: 'utility', description: 'Made for a test.', ${more}
    actions: { who: { description: 'x', effect: 'read', input: z.any(), output: z.any(), async run() {
      return [process.pid, process.getBuiltinModule('node:worker_threads').isMainThread] } } } })`

describeWith('bubblewrap', 'the level of a plugin', () => {
  // In the process of the server: apps/server/test/e2e/isolation.test.ts, since this one loads modules in its own way.
  it('is a thread of the server for a plugin of its own that asks for it', async () => {
    const { host, call } = await startHost({
      bundled: [
        bundle('threaded', source('covent.threaded', `isolation: 'worker',`)),
        bundle('other', source('covent.other')),
      ],
    })
    // Plugins start side by side; no order of them is promised.
    expect(
      host
        .list()
        .map(({ id, isolation }) => `${id} ${isolation}`)
        .toSorted(),
    ).toEqual(['covent.other process', 'covent.threaded worker'])
    expect(await call('covent.threaded', 'who')).toEqual([process.pid, false])
    expect(await call('covent.other', 'who')).not.toContain(process.pid)
  })

  it('is never less than a process for a stranger', async () => {
    const { host } = await startHost({
      installed: { asking: source('acme.asking', `isolation: 'worker',`), named: source('acme.named') },
      plugins: { allowUnsigned: true },
      isolation: { inline: ['acme.named'] },
    })
    expect(host.list().map(({ id, state, isolation }) => `${id} ${state} ${isolation}`)).toEqual([
      'acme.asking ready process',
      'named refused unavailable',
    ])
    expect(host.list()[1]!.reason).toContain('isolation.inline')
  })

  it('is what the operator raised it to, or the plugin is refused with the way out', async () => {
    const { host } = await startHost({
      installed: { raised: source('acme.raised'), asking: source('acme.asking', `isolation: 'vm',`) },
      plugins: { allowUnsigned: true },
      isolation: { plugins: { 'acme.raised': 'vm' } },
    })
    for (const { state, reason } of host.list()) {
      expect(state).toBe('refused')
      expect(reason).toContain('runsc')
    }
    expect(host.isolation).toEqual({ firstParty: 'process', thirdParty: 'process' })
  })

  it('is not chosen by a plugin that describes itself differently the second time', async () => {
    const turncoat = source('acme.turncoat').replace(
      `export default definePlugin({ id: 'acme.turncoat',`,
      `const twice = Math.random().toString(36).slice(2)
      export default definePlugin({ id: 'acme.x' + twice, limits: { memoryMb: 65 },`,
    )
    const { host } = await startHost({ installed: { turncoat }, plugins: { allowUnsigned: true } })
    expect(host.list()).toMatchObject([{ state: 'refused' }])
    expect(host.list()[0]!.reason).toContain('described itself differently')
  })
})
