import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  encryptedFileStorage,
  homeKeys,
  type HomeKeysOptions,
  keyRotation,
  keysOfFile,
} from '@covent/secure-storage'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'

const hex = 'ab'.repeat(32)

const opened = async (home: string, given: Partial<HomeKeysOptions> = {}) => {
  const file = join(home, 'keys', 'master.key')
  const keys = homeKeys({ file, keysInUse: () => keysOfFile(home), ...given })
  await keys.start!()
  return { keys, file, storage: encryptedFileStorage({ home, ring: keys }) }
}

it('generates a key for a new home, tells of it once, and finds it again', async () => {
  const home = temporaryFolder()
  const told: string[] = []
  const first = await opened(home, { onGenerated: (path, id) => void told.push(path, id) })
  expect(statSync(first.file).mode & 0o777).toBe(0o600)
  const second = await opened(home, { onGenerated: () => void told.push('again') })
  expect(told).toEqual([first.file, first.keys.currentId])
  expect(second.keys.currentId).toBe(first.keys.currentId)
})

it('takes the file of the operator, then the variable, then the own file', async () => {
  const home = temporaryFolder()
  const keyFile = join(home, 'given.key')
  writeFileSync(keyFile, `${hex}\n`)
  const byFile = await opened(home, { keyFile, text: 'cd'.repeat(32) })
  const byText = await opened(home, { text: hex })
  expect(byFile.keys.currentId).toBe(byText.keys.currentId)
  expect(existsSync(byFile.file)).toBe(false)
})

it.each(['', 'short', `${hex}00`])('refuses the key %j', async (text) => {
  const home = temporaryFolder()
  const keyFile = join(home, 'given.key')
  writeFileSync(keyFile, text)
  await expect(opened(home, { keyFile })).rejects.toMatchObject({ code: 'secret.key-invalid' })
})

it('makes no new key where something lies under another', async () => {
  const home = temporaryFolder()
  const { storage, file } = await opened(home)
  const { keyId } = await storage.set('A', 'x')
  const { rmSync } = await import('node:fs')
  rmSync(file)
  await expect(opened(home)).rejects.toMatchObject({
    code: 'secret.key-missing',
    message: expect.stringMatching(`${file}.*${keyId}`),
  })
  expect(existsSync(file)).toBe(false)
})

it('refuses to start with another key, and names the one under which the secrets lie', async () => {
  const home = temporaryFolder()
  const { keyId } = await (await opened(home)).storage.set('A', 'x')
  await expect(opened(home, { text: hex })).rejects.toMatchObject({
    code: 'secret.key-unknown',
    message: expect.stringContaining(keyId!),
  })
})

it('makes no key of its own where servers share their secrets', async () => {
  const home = temporaryFolder()
  await expect(opened(home, { mayGenerate: false })).rejects.toMatchObject({ code: 'secret.key-missing' })
  expect(existsSync(join(home, 'keys'))).toBe(false)
})

it('takes up a new key that the operator put before the old one', async () => {
  const home = temporaryFolder()
  const keyFile = join(home, 'given.key')
  writeFileSync(keyFile, hex)
  await (await opened(home, { keyFile })).storage.set('A', 'x')
  writeFileSync(keyFile, `${'cd'.repeat(32)}\n${hex}\n`)
  const { keys, storage } = await opened(home, { keyFile })
  const rotation = keyRotation(keys, storage)
  expect(await rotation.rotate()).toEqual({ keyId: keys.currentId, rewrapped: 1 })
  await expect(rotation.rotate()).rejects.toMatchObject({ message: expect.stringContaining(keyFile) })
  writeFileSync(keyFile, 'cd'.repeat(32))
  expect(await (await opened(home, { keyFile })).storage.get('A')).toBe('x')
})

it('starts sealed where that is wanted, and says so to whoever needs a secret', async () => {
  const home = temporaryFolder()
  const { keys, storage } = await opened(home, { keyFile: '/nowhere.key', startSealed: true })
  expect(keys.sealed()?.message).toContain('/nowhere.key')
  await expect(storage.set('A', 'x')).rejects.toMatchObject({ code: 'secret.sealed' })
})

it('rotates while others read and write, without a failure, and forgets the old key afterwards', async () => {
  const home = temporaryFolder()
  const { keys, storage, file } = await opened(home)
  const names = Array.from({ length: 12 }, (_, n) => `S${n}`)
  for (const name of names) await storage.set(name, `of ${name}`)
  const before = keys.currentId
  const done = new AbortController()
  const reading = (async () => {
    let reads = 0
    for (; !done.signal.aborted; reads++) {
      const name = names[reads % names.length]!
      expect(await storage.get(name)).toBe(`of ${name}`)
      if (reads % 5 === 0) await storage.set('BUSY', `write ${reads}`)
    }
    return reads
  })()
  for (let round = 0; round < 5; round++) {
    await keys.rotate()
    await storage.rewrap()
  }
  done.abort()
  expect(await reading).toBeGreaterThan(0)
  await storage.rewrap()
  await keys.retire((await storage.list()).map(({ keyId }) => keyId!))
  expect(keys.ids).toHaveLength(1)
  expect(keys.currentId).not.toBe(before)
  expect(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  ).toHaveLength(1)
  for (const name of names) expect(await (await opened(home)).storage.get(name)).toBe(`of ${name}`)
})

it('leaves keys to their operator where they come from him', async () => {
  const { keys } = await opened(temporaryFolder(), { text: hex })
  await expect(keys.rotate()).rejects.toMatchObject({
    code: 'secret.key-invalid',
    message: expect.stringContaining('COVENT_MASTER_KEY'),
  })
})

it('locks the key file at the first start with a passphrase, and opens it by that one only', async () => {
  const home = temporaryFolder()
  await (await opened(home)).storage.set('A', 'x')
  const { file } = await opened(home, { passphrase: async () => 'correct horse' })
  const locked = readFileSync(file, 'utf8')
  expect(locked).toContain('scrypt')
  await expect(opened(home)).rejects.toMatchObject({ code: 'secret.sealed' })
  await expect(opened(home, { passphrase: async () => 'wrong' })).rejects.toMatchObject({
    code: 'secret.key-invalid',
  })
  expect(readFileSync(file, 'utf8')).toBe(locked)
})

it('derives a key from the passphrase once at the start, whatever is read later, and keeps the lock', async () => {
  const home = temporaryFolder()
  let asked = 0
  const passphrase = async () => {
    asked++
    return 'correct horse'
  }
  const { file, keys, storage } = await opened(home, { passphrase })
  await storage.set('A', 'x')
  for (let n = 0; n < 20; n++) await storage.set('A', `${await storage.get('A')}x`)
  expect(asked).toBe(1)
  const again = await opened(home, { passphrase })
  expect(again.keys.currentId).toBe(keys.currentId)
  expect(asked).toBe(2)
  await again.keys.rotate()
  expect(readFileSync(file, 'utf8')).toContain('scrypt')
})

it('refuses a key file that asks for more work than this server does', async () => {
  const home = temporaryFolder()
  const keyFile = join(home, 'given.key')
  const hostile = { format: 'covent-keys-scrypt-1', n: 2 ** 30, r: 8, p: 1, salt: 'AA', iv: 'AA', data: 'AA' }
  writeFileSync(keyFile, JSON.stringify(hostile))
  await expect(opened(home, { keyFile, passphrase: async () => 'x' })).rejects.toMatchObject({
    code: 'secret.key-invalid',
  })
})
