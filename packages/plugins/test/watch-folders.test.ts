import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { pluginSource, startHost } from './start-host.ts'

const source = (text: string): string => pluginSource('acme.made', { actions: { say: `return '${text}'` } })

describeWith('bubblewrap', 'a watched folder', () => {
  it('reloads a plugin when it is saved, and keeps it when the save is broken', async () => {
    const plugins = { allowUnsigned: true, watch: true }
    const { home, host, call, events } = await startHost({ plugins, installed: { made: source('one') } })
    const save = (text: string): void => writeFileSync(join(home, 'plugins', 'made', 'plugin.mjs'), text)
    expect(await call('acme.made', 'say')).toBe('one')
    save(source('two'))
    await expect.poll(() => call('acme.made', 'say'), { timeout: 10_000 }).toBe('two')
    save('export default half a thought')
    const failures = () => events.filter(({ type }) => type === 'plugin.failed').map(({ payload }) => payload)
    await expect
      .poll(() => failures().at(-1), { timeout: 10_000 })
      .toMatchObject({ error: { code: 'plugin.rolled-back', message: expect.stringMatching(/goes on/) } })
    expect(await call('acme.made', 'say')).toBe('two')
    expect(host.list()).toMatchObject([{ id: 'acme.made', state: 'ready' }])
    save(source('three'))
    await expect.poll(() => call('acme.made', 'say'), { timeout: 10_000 }).toBe('three')
  }, 40_000)

  it('leaves plugins as they are where nobody asked for it', async () => {
    const plugins = { allowUnsigned: true }
    const { home, call } = await startHost({ plugins, installed: { made: source('one') } })
    writeFileSync(join(home, 'plugins', 'made', 'plugin.mjs'), source('two'))
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await call('acme.made', 'say')).toBe('one')
  })
})
