import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { at, bytes, lay, textOf } from './lay-files.ts'

describe('files of the workspace', () => {
  it('are written whole, read, listed, looked at and removed', async () => {
    const { ask, workspace } = lay()
    await ask('files.makeFolder', at('notes/deep'))
    await ask('files.write', { ...at('notes/deep/a.txt'), bytes: Buffer.from('hello') })
    await ask('files.write', { ...at('notes/deep/a.txt'), bytes: Buffer.from('again') })
    expect(textOf(await ask('files.read', at('notes/deep/a.txt')))).toBe('again')
    const range = { offset: 1, length: 2 }
    expect(textOf(await ask('files.read', { ...at('notes/deep/a.txt'), range }))).toBe('ga')
    expect(await ask('files.list', at(''))).toEqual([{ name: 'notes', kind: 'folder' }])
    expect(await ask('files.list', at('notes/deep'))).toEqual([{ name: 'a.txt', kind: 'file' }])
    expect(await ask('files.stat', at('notes/deep/a.txt'))).toMatchObject({ kind: 'file', sizeBytes: 5 })
    expect(statSync(join(workspace, 'notes/deep/a.txt')).mode & 0o777).toBe(0o600)
    await ask('files.remove', at('notes/deep/a.txt'))
    await ask('files.remove', at('notes/deep'))
    expect(readdirSync(join(workspace, 'notes'))).toEqual([])
  })

  it('stand in a folder that is made for its owner alone', async () => {
    const { ask, workspace } = lay()
    rmSync(workspace, { recursive: true })
    expect(await ask('files.list', at(''))).toEqual([])
    expect(statSync(workspace).mode & 0o777).toBe(0o700)
  })

  it.each([
    '../master.key',
    'a/../../master.key',
    '/etc/passwd',
    'a//b',
    './a',
    'a/.',
    'a/',
    'a\u0000b',
    'a\nb',
    'a\u200db',
    'a\\b',
    '\ud800',
    'x'.repeat(256),
    Array.from({ length: 33 }, () => 'd').join('/'),
  ])('are named by plain relative paths: %j is none', async (path) => {
    const { refusal } = lay()
    expect(await refusal('files.read', at(path))).toMatchObject({ code: 'plugin.input-invalid' })
    const write = { ...at(path), bytes: bytes(1) }
    expect(await refusal('files.write', write)).toMatchObject({ code: 'plugin.input-invalid' })
  })

  it('are named by text, not by bytes', async () => {
    const { refusal } = lay()
    const path = Buffer.from('../master.key') as unknown as string
    expect(await refusal('files.read', at(path))).toMatchObject({ code: 'plugin.input-invalid' })
  })

  it('are not reached over links, neither of files nor of folders, whoever put them there', async () => {
    const { ask, refusal, workspace, outside, home } = lay()
    symlinkSync(join(home, 'master.key'), join(workspace, 'link'))
    symlinkSync(outside, join(workspace, 'folder'))
    linkSync(join(outside, 'secret'), join(workspace, 'hard'))
    const refused = { code: 'plugin.file-refused' }
    for (const path of ['link', 'folder/secret', 'hard']) {
      expect(await refusal('files.read', at(path))).toMatchObject(refused)
      expect(await refusal('files.stat', at(path))).toMatchObject(refused)
      expect(await refusal('files.write', { ...at(path), bytes: bytes(1) })).toMatchObject(refused)
      expect(await refusal('files.remove', at(path))).toMatchObject(refused)
    }
    expect(await refusal('files.list', at('folder'))).toMatchObject(refused)
    expect(await refusal('files.makeFolder', at('folder/mine'))).toMatchObject(refused)
    expect(await ask('files.list', at(''))).toEqual([{ name: 'hard', kind: 'file' }])
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('the secret')
    expect(readdirSync(outside)).toEqual(['secret'])
  })

  it('are plain files: a pipe is refused and holds nobody up', async () => {
    const { refusal, workspace } = lay()
    execFileSync('/usr/bin/mkfifo', [join(workspace, 'pipe')])
    expect(await refusal('files.read', at('pipe'))).toMatchObject({ code: 'plugin.file-refused' })
    const write = { ...at('pipe'), bytes: bytes(1) }
    expect(await refusal('files.write', write)).toMatchObject({ code: 'plugin.file-refused' })
  })

  it('do not lead out while a folder is swapped for a link again and again', async () => {
    const { ask, workspace, outside } = lay()
    const [inside, spare, link] = ['d', 'spare', 'link'].map((name) => join(workspace, name))
    mkdirSync(inside!)
    writeFileSync(join(inside!, 'secret'), 'plain')
    symlinkSync(outside, link!)
    const done = new AbortController()
    const swapping = (async () => {
      while (!done.signal.aborted) {
        renameSync(inside!, spare!)
        renameSync(link!, inside!)
        await turn()
        renameSync(inside!, link!)
        renameSync(spare!, inside!)
        await turn()
      }
    })()
    const seen = new Set<string>()
    for (let tries = 0; tries < 400; tries++)
      await ask('files.read', at('d/secret')).then(
        (value) => seen.add(textOf(value)),
        (error: { readonly code: string }) => seen.add(error.code),
      )
    done.abort()
    await swapping
    expect(seen).toContain('plain')
    expect([...seen].filter((what) => what !== 'plain' && !what.startsWith('plugin.file-'))).toEqual([])
  })

  it('are read up to 1 MiB a call, however large they were when they were looked at', async () => {
    const { ask, refusal, workspace } = lay()
    writeFileSync(join(workspace, 'large'), bytes(1_048_577))
    const error = await refusal('files.read', at('large'))
    expect(error).toMatchObject({ code: 'plugin.file-refused' })
    expect(error.message).toContain('readBytes(path, { offset, length })')
    const range = { offset: 1_048_570, length: 1_048_576 }
    expect(textOf(await ask('files.read', { ...at('large'), range }))).toBe('aaaaaaa')
    const growing = { offset: 0, length: 1_048_577 }
    expect(await refusal('files.read', { ...at('large'), range: growing })).toMatchObject({
      code: 'plugin.input-invalid',
    })
  })

  it('are whole or a megabyte while they grow under the reader', async () => {
    const { refusal, workspace } = lay()
    const path = join(workspace, 'growing')
    const done = new AbortController()
    const growing = (async () => {
      for (let size = 1_040_000; !done.signal.aborted; size = size > 1_060_000 ? 1_040_000 : size + 1_000) {
        writeFileSync(path, bytes(size))
        await turn()
      }
    })()
    const codes = new Set<string | undefined>()
    for (let tries = 0; tries < 100; tries++) codes.add((await refusal('files.read', at('growing'))).code)
    done.abort()
    await growing
    expect([...codes].filter((code) => code !== undefined && code !== 'plugin.file-refused')).toEqual([])
  })

  it('take no more room together than there is, written at once or one after another', async () => {
    const { ask, refusal, workspace } = lay({ workspaceMb: 1 })
    writeFileSync(join(workspace, 'before'), bytes(524_288))
    const writes = Array.from({ length: 16 }, (_, n) =>
      refusal('files.write', { ...at(`f${n}`), bytes: bytes(131_072) }),
    )
    const codes = (await Promise.all(writes)).map(({ code }) => code)
    expect(codes.filter((code) => code === undefined)).toHaveLength(4)
    expect(codes.filter((code) => code === 'plugin.quota-exceeded')).toHaveLength(12)
    const size = readdirSync(workspace).reduce((sum, name) => sum + statSync(join(workspace, name)).size, 0)
    expect(size).toBe(1_048_576)
    await ask('files.remove', at('before'))
    await ask('files.write', { ...at('f0'), bytes: bytes(524_288) })
  })

  it('leave nothing behind where they could not be written', async () => {
    const { refusal, workspace } = lay({ workspaceMb: 1 })
    mkdirSync(join(workspace, 'folder'))
    const write = { ...at('folder'), bytes: bytes(1) }
    expect(await refusal('files.write', write)).toMatchObject({ code: 'plugin.file-refused' })
    const nowhere = { ...at('none/a'), bytes: bytes(1) }
    expect(await refusal('files.write', nowhere)).toMatchObject({ code: 'plugin.file-not-found' })
    expect(readdirSync(workspace)).toEqual(['folder'])
  })
})
