import { createHmac, timingSafeEqual } from 'node:crypto'
import { type KeyRing, SecretError } from '@covent/core'
import * as z from 'zod'
import type { SealedValue } from './record-cipher.ts'

/** It stands in messages. */
const keyId = z.string().regex(/^[\da-f]{16}$/)

const sealedValue = z.strictObject({
  name: z.string(),
  version: z.int().positive(),
  keyId,
  data: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
})
const vaultSchema = z.strictObject({
  format: z.literal('covent-secrets-1'),
  /** Grows with each write. */
  generation: z.int().nonnegative(),
  /** The key of `mac`. */
  keyId,
  records: z.array(sealedValue),
  mac: z.string(),
})

export interface VaultRecord extends SealedValue {
  readonly createdAt: number
  readonly updatedAt: number
}
/** All secrets of a home, each encrypted. */
export interface Vault {
  readonly generation: number
  readonly records: ReadonlyMap<string, VaultRecord>
}

export const emptyVault: Vault = { generation: 0, records: new Map() }

/** Over everything else, so that no record can be taken away, brought back or added. */
const macOf = (
  ring: KeyRing,
  { keyId, generation, records }: Omit<z.output<typeof vaultSchema>, 'format' | 'mac'>,
): Buffer => {
  const rows = records.map((one) => [
    one.name,
    one.version,
    one.keyId,
    one.data,
    one.createdAt,
    one.updatedAt,
  ])
  const text = JSON.stringify(['covent-secrets-1', generation, keyId, rows])
  return createHmac('sha256', ring.subKey('secrets index', keyId)).update(text).digest()
}

export const formatVault = ({ generation, records }: Vault, ring: KeyRing): string => {
  const keyId = ring.currentId
  const rows = [...records.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const mac = macOf(ring, { generation, keyId, records: rows }).toString('base64url')
  return `${JSON.stringify({ format: 'covent-secrets-1', generation, keyId, records: rows, mac }, undefined, 1)}\n`
}

const broken = (path: string, why: string, cause?: unknown): SecretError =>
  new SecretError('secret.integrity-broken', `${path} ${why}; restore it from a backup`, { cause })

const parse = (text: string, path: string): z.output<typeof vaultSchema> => {
  try {
    return vaultSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw broken(path, 'is damaged', cause)
  }
}

/** Ids of the keys that reading it takes, as it says itself. */
export const keysOfVault = (text: string, path: string): readonly string[] => {
  const { keyId, records } = parse(text, path)
  return [...new Set([keyId, ...records.map((record) => record.keyId)])]
}

/** Throws `secret.integrity-broken` for anything but what was written, `secret.key-unknown` where its key is not in the ring. */
export const parseVault = (text: string, ring: KeyRing, path: string): Vault => {
  const { mac, format: _, ...content } = parse(text, path)
  const given = Buffer.from(mac, 'base64url')
  const expected = macOf(ring, content)
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw broken(path, 'was changed from outside')
  return { generation: content.generation, records: new Map(content.records.map((one) => [one.name, one])) }
}
