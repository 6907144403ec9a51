import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  encryptedFileStorage,
  homeKeys,
  type HomeKeysOptions,
  keyRotation,
  keysOfFile,
  systemKeychain,
} from '@covent/secure-storage'
import { secureStorageSuite } from '@covent/secure-storage/testing'
import {
  describeUnless,
  type KeychainSession,
  keychainMissing,
  keychainSession,
  temporaryFolder,
} from '@covent/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const nowhere: NodeJS.ProcessEnv = { PATH: process.env['PATH'], DBUS_SESSION_BUS_ADDRESS: 'unix:path=/none' }

const opened = async (home: string, env?: NodeJS.ProcessEnv, given: Partial<HomeKeysOptions> = {}) => {
  const file = join(home, 'keys', 'master.key')
  const keychain = env && systemKeychain({ home, env })
  const keys = homeKeys({ file, keychain, keysInUse: () => keysOfFile(home), ...given })
  await keys.start!()
  return { keys, file, storage: encryptedFileStorage({ home, ring: keys }) }
}

describeUnless(keychainMissing(), 'a real keychain', () => {
  let session: KeychainSession
  beforeAll(async () => {
    session = await keychainSession()
  })
  afterAll(() => session?.stop())

  secureStorageSuite({ describe, it }, 'keychain', async () => {
    const home = temporaryFolder()
    const open = async () => (await opened(home, session.env)).storage
    return { storage: await open(), again: open, close: async () => {} }
  })

  it('keeps a generated key, which then lies in no file', async () => {
    const home = temporaryFolder()
    const { keys, storage, file } = await opened(home, session.env)
    await storage.set('A', 'x')
    expect([keys.origin, keys.fallback(), existsSync(file)]).toEqual(['the keychain', undefined, false])
    const again = await opened(home, session.env)
    expect(again.keys.currentId).toBe(keys.currentId)
    expect(await again.storage.get('A')).toBe('x')
    expect((await opened(temporaryFolder(), session.env)).keys.currentId).not.toBe(keys.currentId)
  })

  it('rotates, and takes a key that lay in a file to itself', async () => {
    const home = temporaryFolder()
    const before = await opened(home)
    await before.storage.set('A', 'x')
    const { keys, storage, file } = await opened(home, session.env)
    expect([keys.origin, keys.fallback()]).toEqual([file, expect.stringContaining('rotate-key')])
    for (let round = 0; round < 2; round++) await keyRotation(keys, storage).rotate()
    expect([keys.origin, existsSync(file), keys.ids.length]).toEqual(['the keychain', false, 3])
    expect(await (await opened(home, session.env)).storage.get('A')).toBe('x')
  })

  it('makes no new key where its session has ended, and says what is wrong', async () => {
    const home = temporaryFolder()
    const { keys, storage } = await opened(home, session.env)
    await storage.set('A', 'x')
    await expect(opened(home, nowhere)).rejects.toMatchObject({
      code: 'secret.key-missing',
      message: expect.stringMatching(`keychain does not answer.*${keys.currentId}.*unlock the keychain`),
    })
    expect(existsSync(join(home, 'keys', 'master.key'))).toBe(false)
  })

  it('leaves the lock to the keychain', async () => {
    const { keys } = await opened(temporaryFolder(), session.env)
    await expect(keys.lock('correct horse')).rejects.toThrow('a lock of its own')
  })
})

const silent: readonly (readonly [string, NodeJS.ProcessEnv, RegExp])[] = [
  ['there is no program that asks it', { PATH: '/nowhere' }, /libsecret-tools/],
  ...(keychainMissing() === undefined
    ? [['there is no session', nowhere, /does not answer: .+/] as const]
    : []),
]
it.each(silent)('takes a file, and says so, where %s', async (_, env, why) => {
  const home = temporaryFolder()
  const told: string[] = []
  const onFallback = (reason: string, path: string) => void told.push(reason, path)
  const { keys, file, storage } = await opened(home, env, { onFallback })
  expect(told).toEqual([expect.stringMatching(why), file])
  await keyRotation(keys, storage).rotate()
  expect([keys.origin, keys.fallback()]).toEqual([file, expect.stringMatching(why)])
  expect(readFileSync(file, 'utf8')).toContain('Master keys')
})
