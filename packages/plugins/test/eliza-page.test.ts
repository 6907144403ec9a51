import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { startHost } from './start-host.ts'

const page = readFileSync(new URL('../../../docs/plugins/coming-from-eliza.md', import.meta.url), 'utf8')
const [, source = ''] = /```ts\n([^]*?)```/.exec(page) ?? []

describeWith('bubblewrap', 'the page on coming from Eliza', () => {
  it('wraps a plugin that runs', async () => {
    const file = join(temporaryFolder(), 'moon.ts')
    writeFileSync(file, source)
    const { host, call } = await startHost({ bundled: [{ name: 'moon', url: pathToFileURL(file) }] })
    for (const times of [1, 2])
      expect(await call('acme.moon', 'moon_phase', { text: 'tonight' })).toEqual({
        text: `tonight: the moon is full, asked ${times} times`,
      })
    const turn = { turnId: 't', principalId: 'anna', character: 'x', text: 'hello' }
    const provided = await host.provide(turn, { signal: new AbortController().signal })
    expect(provided).toMatchObject([{ plugin: 'acme.moon', text: 'The sky is clear.' }])
  })
})
