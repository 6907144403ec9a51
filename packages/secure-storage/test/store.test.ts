import type { SealedSecrets } from '@covent/core'
import { keyRing, keysOfStore, storeStorage } from '@covent/secure-storage'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { memoryStore } from './memory-store.ts'

const ring = keyRing([new Uint8Array(32).fill(7)])
const broken = { code: 'secret.integrity-broken' }

interface Written {
  generation: number
  keyId: string
  records: { name: string; version: number; data: string }[]
}

/** A server with two secrets, and what somebody who writes to the database can do. */
const shared = async () => {
  const secrets = memoryStore()
  const home = temporaryFolder()
  const open = (at = home) => storeStorage({ secrets, home: at, ring })
  await open().set('A', 'value of A')
  const old = secrets.content!
  await open().set('A', 'newer value of A')
  await open().set('B', 'canary-88')
  const change = (how: (written: Written) => void, row: Partial<SealedSecrets> = {}): void => {
    const written = JSON.parse(secrets.content!.text) as Written
    how(written)
    secrets.content = { ...secrets.content!, text: JSON.stringify(written), ...row }
  }
  return { secrets, open, old, change }
}

it('shows servers what others wrote, and puts no value and no key into the store', async () => {
  const { secrets, open } = await shared()
  const other = open(temporaryFolder())
  expect(await other.get('B')).toBe('canary-88')
  expect(JSON.stringify(secrets.content)).not.toMatch(/canary|value of/)
  expect(await keysOfStore(secrets)).toEqual([ring.currentId])
})

it('loses nothing that servers write at once', async () => {
  const { open } = await shared()
  const servers = [open(), open(temporaryFolder()), open(temporaryFolder())]
  const names = Array.from({ length: 24 }, (_, n) => `N${n}`)
  await Promise.all(names.map((name, n) => servers[n % 3]!.set(name, `value of ${name}`)))
  const reader = open(temporaryFolder())
  for (const name of names) expect(await reader.get(name)).toBe(`value of ${name}`)
})

it.each<[string, (written: Written) => void, Partial<SealedSecrets>?]>([
  [
    'two values are swapped',
    ({ records: [a, b] }) => {
      const kept = a!.data
      a!.data = b!.data
      b!.data = kept
    },
  ],
  ['a record is taken away', (written) => written.records.pop()],
  ['a version is put back', (written) => (written.records[0]!.version = 1)],
  ['the generation is raised', (written) => written.generation++, { generation: 4 }],
  ['the number of the row is raised', () => {}, { generation: 4 }],
  ['the text is cut', () => {}, { text: '{"format":"covent-secrets-1"' }],
])('refuses to read or write where %s', async (_, how, row) => {
  const { open, change } = await shared()
  change(how, row)
  for (const server of [open(), open(temporaryFolder())]) {
    await expect(server.get('A')).rejects.toMatchObject(broken)
    await expect(server.set('C', 'x')).rejects.toMatchObject(broken)
  }
})

it('refuses one old record among the new ones, which is whole in itself', async () => {
  const { open, change, old } = await shared()
  const [before] = (JSON.parse(old.text) as Written).records
  change(({ records }) => (records[0] = before!))
  await expect(open(temporaryFolder()).get('A')).rejects.toMatchObject(broken)
})

it('refuses an older row, and none, at a server that has seen a newer one', async () => {
  const { open, secrets, old } = await shared()
  secrets.content = old
  await expect(open().get('A')).rejects.toMatchObject(broken)
  await expect(open().set('A', 'x')).rejects.toMatchObject(broken)
  secrets.content = undefined
  await expect(open().get('A')).rejects.toMatchObject(broken)
})

it('names the key that a row asks for and the ring does not hold', async () => {
  const { open, change, secrets } = await shared()
  change((written) => (written.keyId = '0'.repeat(16)))
  await expect(open(temporaryFolder()).get('A')).rejects.toMatchObject({ code: 'secret.key-unknown' })
  expect(await keysOfStore(secrets)).toContain('0'.repeat(16))
})
