import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encryptedFileStorage, keyRing } from '@covent/secure-storage'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'

const ring = keyRing([new Uint8Array(32).fill(7)])
const open = (home: string) => encryptedFileStorage({ home, ring })

interface Written {
  generation: number
  records: { name: string; version: number; data: string }[]
}

/** A home with two secrets, and what an attacker does to its file. */
const attacked = async (change: (written: Written, path: string) => Written | void) => {
  const home = temporaryFolder()
  const storage = open(home)
  await storage.set('A', 'value of A')
  await storage.set('B', 'value of B')
  const path = join(home, 'data', 'secrets.json')
  const written = JSON.parse(readFileSync(path, 'utf8')) as Written
  const changed = change(written, path)
  if (changed !== undefined) writeFileSync(path, JSON.stringify(changed))
  return open(home)
}
const broken = { code: 'secret.integrity-broken' }

it.each([
  [
    'two values are swapped',
    (w: Written) => {
      const [a, b] = w.records as [Written['records'][0], Written['records'][0]]
      ;[a.data, b.data] = [b.data, a.data]
      return w
    },
  ],
  [
    'a bit is flipped',
    (w: Written) => {
      const bytes = Buffer.from(w.records[0]!.data, 'base64url')
      bytes[14]! ^= 1
      w.records[0]!.data = bytes.toString('base64url')
      return w
    },
  ],
  ['a record is taken away', (w: Written) => ({ ...w, records: w.records.slice(1) })],
  [
    'a record is renamed',
    (w: Written) => {
      w.records[0]!.name = 'C'
      return w
    },
  ],
  ['the generation is raised', (w: Written) => ({ ...w, generation: w.generation + 1 })],
  [
    'the file is truncated',
    (_: Written, path: string) =>
      writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size / 2)),
  ],
])('refuses to read where %s', async (_, change) => {
  const storage = await attacked(change)
  await expect(storage.get('A')).rejects.toMatchObject(broken)
  await expect(storage.set('C', 'x')).rejects.toMatchObject(broken)
})

it('refuses an older file, which is whole in itself', async () => {
  const home = temporaryFolder()
  const path = join(home, 'data', 'secrets.json')
  await open(home).set('A', 'stolen long ago')
  copyFileSync(path, `${path}.old`)
  await open(home).set('A', 'new')
  copyFileSync(`${path}.old`, path)
  await expect(open(home).get('A')).rejects.toMatchObject(broken)
  rmSync(path)
  await expect(open(home).get('A')).rejects.toMatchObject(broken)
})

it('names the key under which the file lies, where it is not in the ring', async () => {
  const home = temporaryFolder()
  await open(home).set('A', 'x')
  const other = encryptedFileStorage({ home, ring: keyRing([new Uint8Array(32).fill(8)]) })
  await expect(other.get('A')).rejects.toMatchObject({
    code: 'secret.key-unknown',
    message: expect.stringContaining(ring.currentId),
  })
})

it('keeps folders, files and values to their owner', async () => {
  const home = temporaryFolder()
  await open(home).set('A', 'canary-51c0')
  const path = join(home, 'data', 'secrets.json')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(home, 'data')).mode & 0o777).toBe(0o700)
  expect(readFileSync(path, 'utf8')).not.toContain('canary')
})
