import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, pluginSource, startHost } from './start-host.ts'
import { startRoster } from './start-roster.ts'

const made = (id: string, version: string, more = '') =>
  pluginSource(id, { more, actions: { run: `return '${version}'` } }).replace(`'1.0.0'`, `'${version}'`)
const needing = (id: string, needs: Readonly<Record<string, string>>) =>
  made(id, '1.0.0', `dependsOn: ${JSON.stringify(needs)},`)
const own = (id: string, source: string) => bundle(id.replaceAll('.', '-'), source)
const reasons = async (...sources: readonly (readonly [id: string, source: string])[]) => {
  const bundled = sources.map(([id, source]) => own(id, source))
  const { host } = await startHost({ bundled })
  return Object.fromEntries(host.list().map(({ id, state, reason }) => [id, reason ?? state]))
}

describeWith('bubblewrap', 'plugins that need each other', () => {
  it('start after what they depend on, in any order of listing', async () => {
    const sources = [
      ['acme.top', needing('acme.top', { 'acme.middle': '1.x || >=3' })],
      ['acme.middle', needing('acme.middle', { 'acme.base': '>=1.2 <2' })],
      ['acme.base', made('acme.base', '1.4.0')],
    ] as const
    const { events } = await startHost({ bundled: sources.map(([id, source]) => own(id, source)) })
    const loaded = events.flatMap(({ type, payload }) =>
      type === 'plugin.loaded' ? [(payload as { readonly plugin: string }).plugin] : [],
    )
    expect(loaded).toEqual(['acme.base', 'acme.middle', 'acme.top'])
  })

  it('are refused with the chain where one is missing, too old, or needs them in turn', async () => {
    expect(await reasons(['acme.a', needing('acme.a', { 'acme.b': '^1.0.0' })])).toEqual({
      'acme.a': 'acme.a needs the plugin acme.b ^1.0.0, which no plugin provides',
    })
    const circle = await reasons(
      ['acme.a', needing('acme.a', { 'acme.b': '*' })],
      ['acme.b', needing('acme.b', { 'acme.a': '*' })],
    )
    expect(circle['acme.a']).toBe('plugins need each other: acme.a → acme.b → acme.a')
    const torn = await reasons(
      ['acme.a', needing('acme.a', { 'acme.c': '^1.0.0' })],
      ['acme.b', needing('acme.b', { 'acme.c': '^2.0.0' })],
      ['acme.c', made('acme.c', '1.4.0')],
    )
    expect(torn).toEqual({
      'acme.a': 'ready',
      'acme.c': 'ready',
      'acme.b':
        'acme.b needs the plugin acme.c ^2.0.0, of which acme.c provides 1.4.0; acme.a needs the plugin acme.c ^1.0.0',
    })
  })

  it('are refused where they are made for another server, or name no range', async () => {
    const found = await reasons(
      ['acme.new', made('acme.new', '1.0.0', `engines: { runtime: '>=99' },`)],
      ['acme.fits', made('acme.fits', '1.0.0', `engines: { runtime: '>=0.1 <99' },`)],
      ['acme.wrong', needing('acme.wrong', { 'acme.a': '1.2.3.4' })],
    )
    expect(found['acme-new']).toMatch(/^acme\.new 1\.0\.0 needs Covent >=99; this server is \d+\.\d+\.\d+/)
    expect(found['acme.fits']).toBe('ready')
    expect(found['acme-wrong']).toMatch(/"1\.2\.3\.4" is no range of versions/)
  })

  it('keep a version of which a new one would not be enough for them', async () => {
    const { roster, entry, call } = await startRoster()
    await (
      await roster.put(entry('base', made('acme.base', '1.0.0')))
    ).settled
    await (
      await roster.put(entry('top', needing('acme.top', { 'acme.base': '^1.0.0' })))
    ).settled
    expect(roster.dependents('acme.base')).toMatchObject([{ id: 'acme.top' }])
    await expect(roster.put(entry('base', made('acme.base', '2.0.0')))).rejects.toThrow(
      /acme\.base 2\.0\.0 does not fit acme\.top, which needs the plugin acme\.base \^1\.0\.0/,
    )
    expect(await call('acme.base', 'run')).toBe('1.0.0')
    await roster.put(entry('base', made('acme.base', '1.9.0')))
    expect(await call('acme.base', 'run')).toBe('1.9.0')
  })
})
