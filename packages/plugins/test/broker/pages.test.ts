import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { type BundledPlugin } from '../../src/index.ts'
import { startHost } from '../start-host.ts'

/** The plugin that stands on a page of the docs. */
const onPage = (page: string): BundledPlugin => {
  const text = readFileSync(new URL(`../../../../docs/plugins/${page}.md`, import.meta.url), 'utf8')
  const [, name = '', source = ''] = /```ts\n\/\/ (\S+)\.ts\n([^]*?)```/.exec(text) ?? []
  const path = join(temporaryFolder(), `${name}.ts`)
  writeFileSync(path, source)
  return { name, url: pathToFileURL(path) }
}

describeWith('bubblewrap', 'the plugins on the pages', () => {
  it('write notes into the workspace', async () => {
    const { call, home } = await startHost({ bundled: [onPage('files')] })
    await call('acme.notes', 'note', { name: 'first', text: 'hello' })
    expect(readFileSync(join(home, 'workspace/notes/first.txt'), 'utf8')).toBe('hello')
  })

  it('read the log of the repository that the operator lends', async () => {
    const workspace = temporaryFolder()
    chmodSync(workspace, 0o755)
    const git = (...args: readonly string[]) =>
      execFileSync('/usr/bin/git', args, { cwd: workspace, env: {} })
    git('init', '-q')
    git(
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b.c',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'The first change',
    )
    const programs = { git: { path: '/usr/bin/git', args: ['--no-pager'], workspace: 'read' } }
    const { call } = await startHost({ bundled: [onPage('programs')], plugins: { programs, workspace } })
    expect(await call('acme.history', 'last_changes')).toMatchObject({
      text: expect.stringMatching(/^[0-9a-f]{7} The first change\n$/),
    })
  })
})
