import { join } from 'node:path'
import { type Clock, type KeyRing, type SecretInfo, type SecureStorage, systemClock } from '@covent/core'
import { byName, canonicalName, checkValue } from '../names.ts'
import { recordCipher } from '../vault/record-cipher.ts'
import { readText } from '../vault/durable-file.ts'
import { keysOfVault, type VaultRecord } from '../vault/vault.ts'
import { vaultFile } from '../vault/vault-file.ts'

export interface EncryptedFileOptions {
  readonly home: string
  readonly ring: KeyRing
  readonly clock?: Clock
}

const infoOf = ({ name, version, keyId, createdAt, updatedAt }: VaultRecord): SecretInfo => ({
  name,
  version,
  keyId,
  createdAt,
  updatedAt,
})

const vaultPath = (home: string): string => join(home, 'data', 'secrets.json')

/** Ids of the keys under which the secrets of a home lie. */
export const keysOfFile = async (home: string): Promise<readonly string[]> => {
  const path = vaultPath(home)
  const text = await readText(path)
  return text === undefined ? [] : keysOfVault(text, path)
}

/** Secrets in one encrypted file of the home. */
export const encryptedFileStorage = ({
  home,
  ring,
  clock = systemClock,
}: EncryptedFileOptions): SecureStorage => {
  const file = vaultFile({
    path: vaultPath(home),
    anchorPath: join(home, 'keys', 'secrets.generation'),
    clock,
    ring,
  })
  const cipher = recordCipher('file', ring)
  const resealed = (record: VaultRecord): VaultRecord =>
    record.keyId === ring.currentId
      ? record
      : { ...record, ...cipher.seal(record.name, record.version, cipher.open(record)) }

  return {
    async get(name) {
      const record = (await file.read()).records.get(canonicalName(name))
      return record && cipher.open(record)
    },
    async set(given, value) {
      const name = canonicalName(given)
      checkValue(name, value)
      let written: VaultRecord | undefined
      await file.change((records) => {
        const before = records.get(name)
        const updatedAt = clock.now()
        const sealed = cipher.seal(name, (before?.version ?? 0) + 1, value)
        written = { ...sealed, createdAt: before?.createdAt ?? updatedAt, updatedAt }
        return new Map(records).set(name, written)
      })
      return infoOf(written!)
    },
    async delete(given) {
      const name = canonicalName(given)
      let wasThere = false
      await file.change((records) => {
        wasThere = records.has(name)
        return new Map([...records].filter(([key]) => key !== name))
      })
      return wasThere
    },
    list: async () => byName([...(await file.read()).records.values()].map(infoOf)),
    async rewrap() {
      let count = 0
      await file.change((records) => {
        const next = [...records.values()].map(resealed)
        count = next.filter((record) => records.get(record.name) !== record).length
        return new Map(next.map((record) => [record.name, record]))
      })
      return count
    },
  }
}
