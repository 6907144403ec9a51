import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, pluginSource, startHost } from '../start-host.ts'

const reason = 'For a test'
const source = pluginSource('covent.filer', {
  more: `permissions: ${JSON.stringify({
    required: {
      'fs:read:workspace': { reason },
      'fs:write:workspace': { paths: ['mine/**'], reason },
      'fs:write:temp': { maxBytes: 1_000, reason },
      'process:spawn': { commands: ['cat'], reason },
    },
  })},`,
  actions: {
    use: `
      await ctx.workspace.mkdir('mine/notes')
      await ctx.workspace.writeText('mine/notes/a', 'äöü')
      await ctx.tmp.writeBytes('b', new Uint8Array([1, 2, 255]))
      return {
        text: await ctx.workspace.readText('mine/notes/a'),
        bytes: [...(await ctx.tmp.readBytes('b'))],
        list: await ctx.workspace.list('mine'),
        size: (await ctx.workspace.stat('mine/notes/a')).sizeBytes,
        facets: Object.keys(ctx).filter((name) => ['workspace', 'tmp', 'files', 'ws', 'process'].includes(name)),
      }`,
    cat: `
      const { code, stdout, stderr } = await ctx.process.run('cat', ['-A', '-'], { stdin: 'a\\tb' })
      return [code, stdout, stderr]`,
    codes: `
      const code = (work) => work.then(() => 'done', (error) => error.code ?? error.message)
      return Promise.all([
        code(ctx.workspace.writeText('other', 'x')),
        code(ctx.workspace.readText('../master.key')),
        code(ctx.workspace.readText('link')),
        code(ctx.workspace.readText('none')),
        code(ctx.workspace.readText('binary')),
        code(ctx.tmp.writeBytes('c', new Uint8Array(1_001))),
      ])`,
  },
})

describeWith('bubblewrap', 'the facets for files and programs of a plugin', () => {
  it('work through the host, and are there only where they are declared', async () => {
    const programs = { cat: { path: '/bin/cat' } }
    const { call, home } = await startHost({ bundled: [bundle('filer', source)], plugins: { programs } })
    expect(await call('covent.filer', 'use')).toEqual({
      text: 'äöü',
      bytes: [1, 2, 255],
      list: [{ name: 'notes', kind: 'folder' }],
      size: 6,
      facets: ['workspace', 'tmp', 'process'],
    })
    expect(await call('covent.filer', 'cat')).toEqual([0, 'a^Ib', ''])
    mkdirSync(join(home, 'workspace'), { recursive: true })
    symlinkSync('/etc/passwd', join(home, 'workspace/link'))
    writeFileSync(join(home, 'workspace/binary'), Buffer.from([0xff, 0xfe]))
    expect(await call('covent.filer', 'codes')).toEqual([
      'plugin.permission-denied',
      'plugin.input-invalid',
      'plugin.file-refused',
      'plugin.file-not-found',
      'binary is no UTF-8 text',
      'plugin.quota-exceeded',
    ])
  })
})
