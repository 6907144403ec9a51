import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { readableByOthers } from '../src/drivers/system-files.ts'

const asNobody = (path: string): string =>
  execFileSync('/bin/cat', [path], { uid: 60_977, gid: 60_977, encoding: 'utf8' })

const hidden = (mode: number): { path: string; staging: string } => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'private'), { mode: 0o700 })
  const path = join(folder, 'private', 'program')
  writeFileSync(path, 'text', { mode })
  return { path, staging: join(folder, 'staged') }
}

describe.runIf(process.getuid?.() === 0)('a file that the sandbox user has to read', () => {
  it('stays where it is when that user can reach it', async () => {
    expect(await readableByOthers('/bin/cat', '/nowhere')).toBe('/bin/cat')
  })

  it.each([0o755, 0o700])(
    'is put within reach when it is not, mode %o, once for each version',
    async (mode) => {
      const { path, staging } = hidden(mode)
      expect(() => asNobody(path)).toThrow()
      const staged = await readableByOthers(path, staging)
      expect(asNobody(staged)).toBe('text')
      expect(await readableByOthers(path, staging)).toBe(staged)
      expect(statSync(path).mode & 0o777).toBe(mode)
      writeFileSync(path, 'newer text')
      expect(asNobody(await readableByOthers(path, staging))).toBe('newer text')
    },
  )

  it('is never put where another user could exchange it', async () => {
    const { path, staging } = hidden(0o755)
    mkdirSync(staging)
    chmodSync(staging, 0o777)
    await expect(readableByOthers(path, staging)).rejects.toMatchObject({ code: 'config.unreadable' })
    const link = `${staging}-link`
    symlinkSync(temporaryFolder(), link)
    await expect(readableByOthers(path, link)).rejects.toMatchObject({ code: 'config.unreadable' })
  })
})
