import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@covent/core'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { fileStores } from '../../src/host/broker/files/file-stores.ts'
import { askBroker } from './ask-broker.ts'
import { at, bytes, lay, textOf } from './lay-files.ts'

describe('paths of a permission', () => {
  const permissions = { 'fs:read:workspace': { paths: ['notes/**', '*.md'] } }

  it('are the only ones that are open, and the refusal names the line that would open another', async () => {
    const { ask, refusal, denials, workspace } = lay({ permissions })
    mkdirSync(join(workspace, 'notes/a'), { recursive: true })
    for (const path of ['notes/a/b', 'x.md', 'x.txt']) writeFileSync(join(workspace, path), path)
    expect(textOf(await ask('files.read', at('notes/a/b')))).toBe('notes/a/b')
    expect(textOf(await ask('files.read', at('x.md')))).toBe('x.md')
    const error = await refusal('files.read', at('x.txt'))
    expect(error).toMatchObject({ code: 'plugin.permission-denied' })
    const line = '"fs:read:workspace": { "paths": ["x.txt"], "reason": "…" } under permissions.required'
    expect(error.message).toContain(line)
    expect(denials).toMatchObject([{ permission: 'fs:read:workspace', target: 'x.txt' }])
    expect(await refusal('files.list', at(''))).toMatchObject({ code: 'plugin.permission-denied' })
    expect(await ask('files.list', at('notes'))).toEqual([{ name: 'a', kind: 'folder' }])
  })

  it('for reading open nothing for writing', async () => {
    const { refusal, denials } = lay({ permissions })
    const write = { ...at('notes/a'), bytes: bytes(1) }
    expect(await refusal('files.write', write)).toMatchObject({ code: 'plugin.permission-denied' })
    expect(denials).toMatchObject([{ permission: 'fs:write:workspace' }])
  })

  it('open nothing before the operator has granted them', async () => {
    const { refusal } = lay({ permissions, grants: [] })
    expect(await refusal('files.read', at('x.md'))).toMatchObject({ code: 'plugin.permission-denied' })
  })

  it('cost no more than their length, however many stars they hold', async () => {
    const paths = [`${'*a'.repeat(90)}b`]
    const { refusal } = lay({ permissions: { 'fs:read:workspace': { paths } } })
    const path = 'a'.repeat(250)
    expect(await refusal('files.read', at(path))).toMatchObject({ code: 'plugin.permission-denied' })
  })
})

describe('temporary files', () => {
  const permissions = { 'fs:write:temp': { maxBytes: 1_000 } }

  it('are a plugin’s own, up to its quota', async () => {
    const { ask, refusal, stores, workspace } = lay({ permissions })
    const other = askBroker({ id: 'acme.other', permissions, files: stores })
    await ask('files.write', { ...at('a', 'tmp'), bytes: bytes(600) })
    const more = { ...at('b', 'tmp'), bytes: bytes(401) }
    expect(await refusal('files.write', more)).toMatchObject({ code: 'plugin.quota-exceeded' })
    expect(await other.refusal('files.read', at('a', 'tmp'))).toMatchObject({
      code: 'plugin.file-not-found',
    })
    expect(readdirSync(workspace)).toEqual([])
  })

  it('are 1,000 at most', async () => {
    const { ask, refusal, home } = lay({ permissions })
    await ask('files.list', at('', 'tmp'))
    for (let n = 0; n < 1_000; n++) writeFileSync(join(home, 'run/tmp/acme.asker', `${n}`), '')
    const more = { ...at('more', 'tmp'), bytes: bytes(0) }
    expect(await refusal('files.write', more)).toMatchObject({ code: 'plugin.quota-exceeded' })
  })

  it('are gone after a start, and when the plugin is uninstalled', async () => {
    const { stores } = lay({ permissions })
    const write = { ...at('a', 'tmp'), bytes: bytes(600) }
    for (const clear of [() => stores.start(), () => stores.forget('acme.asker')]) {
      const { ask } = askBroker({ permissions, files: stores })
      await ask('files.write', write)
      await clear()
      expect(await ask('files.list', at('', 'tmp'))).toEqual([])
    }
  })
})

describe('files elsewhere', () => {
  const elsewhere = (paths: readonly string[], more: object = {}) =>
    lay({ permissions: { 'fs:read:system': { paths }, 'fs:write:any': { paths } }, ...more })

  it('are those at exactly the granted paths', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'open'), 'hello', { mode: 0o644 })
    writeFileSync(join(folder, 'shut'), 'hello')
    const { ask, refusal } = elsewhere([join(folder, 'open')])
    expect(textOf(await ask('files.read', at(join(folder, 'open'), 'files')))).toBe('hello')
    await ask('files.write', { ...at(join(folder, 'open'), 'files'), bytes: Buffer.from('new') })
    expect(readFileSync(join(folder, 'open'), 'utf8')).toBe('new')
    expect(statSync(join(folder, 'open')).mode & 0o777).toBe(0o644)
    for (const path of [join(folder, 'shut'), join(folder, 'open/../shut'), folder])
      expect((await refusal('files.read', at(path, 'files'))).code).toMatch(/denied|invalid/)
  })

  it('are never the server’s own, however they are reached', async () => {
    const { refusal, home } = elsewhere(['/**'])
    const path = join(home, 'master.key')
    expect(await refusal('files.read', at(path, 'files'))).toMatchObject({ code: 'plugin.file-refused' })
    const write = { ...at(join(home, 'x'), 'files'), bytes: bytes(1) }
    expect(await refusal('files.write', write)).toMatchObject({ code: 'plugin.file-refused' })
  })

  it('are never the kernel’s, which tell of processes and their environment', async () => {
    const { refusal } = elsewhere(['/**'])
    for (const path of [
      '/proc/self/environ',
      `/proc/${process.pid}/environ`,
      '/proc/thread-self/environ',
      '/dev/zero',
    ])
      expect(await refusal('files.read', at(path, 'files'))).toMatchObject({ code: 'plugin.file-refused' })
  })

  it('grow by no more than the plugin’s quota', async () => {
    const folder = temporaryFolder()
    const { ask, refusal } = elsewhere([`${folder}/**`], { limits: { storageMb: 1 } })
    await ask('files.write', { ...at(join(folder, 'a'), 'files'), bytes: bytes(1_000_000) })
    const more = { ...at(join(folder, 'b'), 'files'), bytes: bytes(100_000) }
    expect(await refusal('files.write', more)).toMatchObject({ code: 'plugin.quota-exceeded' })
  })

  it('in the home begin with ~/, and credentials stay closed whatever is granted', async () => {
    const userHome = temporaryFolder()
    mkdirSync(join(userHome, '.config/app'), { recursive: true })
    mkdirSync(join(userHome, '.ssh'))
    for (const path of ['notes', '.ssh/id', '.config/app/token.json', '.config/app/settings'])
      writeFileSync(join(userHome, path), path)
    const { ask, refusal } = lay({ permissions: { 'fs:read:home': { paths: ['**'] } }, userHome })
    expect(textOf(await ask('files.read', at('~/notes', 'files')))).toBe('notes')
    expect(await ask('files.list', at('~/.config/app', 'files'))).toEqual([
      { name: 'settings', kind: 'file' },
    ])
    for (const path of [
      '~/.ssh/id',
      '~/.SSH/id',
      '~/.config/app/token.json',
      '~/.gnupg/x',
      '~/.aws/credentials',
    ])
      expect(await refusal('files.read', at(path, 'files'))).toMatchObject({
        code: 'plugin.permission-denied',
      })
    expect(await refusal('files.list', at('~/.ssh', 'files'))).toMatchObject({
      message: expect.stringContaining('places where credentials are kept are open to no plugin'),
    })
  })
})

describe('the workspace', () => {
  it.each(['.', 'data', '..'])('is no folder of the server’s own: %s of the home is refused', (path) => {
    const home = temporaryFolder()
    const settings = { workspace: join(home, path), workspaceMb: 1 }
    expect(() => fileStores({ home, settings, clock: systemClock })).toThrow(/plugins.workspace/)
  })
})
