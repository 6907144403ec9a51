import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedFileStorage, keyRing } from '@covent/secure-storage'

export interface Result {
  /** Microseconds of CPU per read, medians of rounds in turn. */
  readonly covent: number
  readonly raw: number
  readonly ratio: number
}

const reads = 20_000
const rounds = 9
const value = 'k'.repeat(64)

const microseconds = async (act: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  for (let n = 0; n < reads; n++) await act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / reads
}
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

/** Decrypts the same 64 bytes with AES-256-GCM and nothing around it, awaited like ours. */
const rawDecrypt = (): (() => Promise<string>) => {
  const key = createSecretKey(randomBytes(32))
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const data = Buffer.concat([cipher.update(value), cipher.final()])
  const tag = cipher.getAuthTag()
  return async () => {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag)
    return decipher.update(data, undefined, 'utf8') + decipher.final('utf8')
  }
}

/** Reads of one secret, ours and a bare decryption in one process. */
export const run = async (): Promise<Result> => {
  const home = mkdtempSync(join(tmpdir(), 'covent-bench-'))
  const storage = encryptedFileStorage({ home, ring: keyRing([new Uint8Array(randomBytes(32))]) })
  await storage.set('BENCH', value)
  const decrypt = rawDecrypt()
  const seen = { covent: [] as number[], raw: [] as number[] }
  for (let n = 0; n < rounds; n++) {
    seen.covent.push(await microseconds(() => storage.get('BENCH')))
    seen.raw.push(await microseconds(decrypt))
  }
  rmSync(home, { recursive: true })
  const [covent, raw] = [median(seen.covent), median(seen.raw)]
  return { covent, raw, ratio: covent / raw }
}

if (import.meta.main) console.log(JSON.stringify(await run()))
