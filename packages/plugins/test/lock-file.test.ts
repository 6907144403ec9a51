import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LogFields, type Logger, silentLogger } from '@covent/core'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { checkLock } from '../src/host/registry/lock-desk.ts'
import { lockDifferences, type LockEntry, lockFile } from '../src/package/lock-file.ts'
import { memoryPlugins } from './memory-plugins.ts'

const entry = (fields: Partial<LockEntry> = {}): LockEntry => ({
  id: 'acme.noter',
  version: '1.0.0',
  sha256: 'd'.repeat(64),
  keyId: 'ed25519:SHA256:key',
  grants: ['data:database'],
  ...fields,
})

const installed = async () => {
  const store = memoryPlugins()
  const { id, version, sha256: digest, keyId = '' } = entry()
  await store.put({ id, version, digest, keyId, enabled: true, installedAt: 0 })
  for (const permission of ['data:database', 'ai:inference'])
    await store.decide({
      plugin: id,
      digest,
      permission,
      granted: permission !== 'ai:inference',
      decidedAt: 0,
    })
  return store
}

describe('the lock file', () => {
  it('names in which what stands differs from it', () => {
    expect(lockDifferences([entry()], [entry()])).toEqual([])
    expect(lockDifferences([entry()], [])).toEqual(['acme.noter is locked and not installed'])
    expect(lockDifferences([], [entry()])).toEqual(['acme.noter is installed and not locked'])
    const { keyId: _, ...unsigned } = entry({ version: '1.1.0', grants: [] })
    expect(lockDifferences([entry()], [unsigned])).toEqual(['acme.noter differs in version, keyId, grants'])
  })

  it('is written whole, closed to others, and read again', async () => {
    const home = temporaryFolder()
    const lock = lockFile(home)
    expect(await lock.read()).toBeUndefined()
    await lock.write([entry()])
    expect(await lock.read()).toEqual([entry()])
    expect(readdirSync(join(home, 'plugins'))).toEqual(['plugins.lock.json'])
  })

  it('is made at a start where there is none, and what differs from it is logged', async () => {
    const home = temporaryFolder()
    const lock = lockFile(home)
    const warned: (LogFields | undefined)[] = []
    const logger: Logger = { ...silentLogger, warn: (_, fields) => void warned.push(fields) }
    await checkLock({ store: memoryPlugins(), lock, logger })
    expect(existsSync(join(home, 'plugins'))).toBe(false)
    const store = await installed()
    await checkLock({ store, lock, logger })
    expect([await lock.read(), warned]).toEqual([[entry()], []])
    await lock.write([entry({ sha256: 'e'.repeat(64) })])
    await checkLock({ store, lock, logger })
    expect(warned).toEqual([{ difference: 'acme.noter differs in sha256' }])
  })

  it('that is no such file stops no server, and says what to do', async () => {
    const home = temporaryFolder()
    const lock = lockFile(home)
    await lock.write([])
    writeFileSync(join(home, 'plugins/plugins.lock.json'), '{"version":2}')
    await expect(lock.read()).rejects.toMatchObject({ code: 'config.unreadable', message: /remove it/ })
    const told: string[] = []
    const logger: Logger = { ...silentLogger, error: (text) => void told.push(text) }
    await checkLock({ store: await installed(), lock, logger })
    expect(told).toHaveLength(1)
  })
})
