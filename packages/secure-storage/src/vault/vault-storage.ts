import type { Clock, KeyRing, SecretInfo, SecureStorage } from '@covent/core'
import { byName, canonicalName, checkValue } from '../names.ts'
import { recordCipher } from './record-cipher.ts'
import type { Vault, VaultRecord } from './vault.ts'

type Records = ReadonlyMap<string, VaultRecord>
/** Must not throw; may be asked again, of other records. */
export type Change = (records: Records) => Records

/** A vault that several processes may use. */
export interface VaultPlace {
  /** As it is now, or was less than a second ago. */
  read(): Promise<Vault>
  /** What `change` makes of the records that stand there at that moment; durable when it resolves. */
  change(change: Change): Promise<void>
}

export interface VaultStorageOptions {
  /** Names the place in what is encrypted: values of one open in no other. */
  readonly store: string
  readonly ring: KeyRing
  readonly clock: Clock
}

const infoOf = ({ name, version, keyId, createdAt, updatedAt }: VaultRecord): SecretInfo => ({
  name,
  version,
  keyId,
  createdAt,
  updatedAt,
})

/** Secrets in a vault, wherever that lies. */
export const vaultStorage = (
  place: VaultPlace,
  { store, ring, clock }: VaultStorageOptions,
): SecureStorage => {
  const cipher = recordCipher(store, ring)
  const resealed = (record: VaultRecord): VaultRecord =>
    record.keyId === ring.currentId
      ? record
      : { ...record, ...cipher.seal(record.name, record.version, cipher.open(record)) }

  return {
    async get(name) {
      const record = (await place.read()).records.get(canonicalName(name))
      return record && cipher.open(record)
    },
    async set(given, value) {
      const name = canonicalName(given)
      checkValue(name, value)
      let written: VaultRecord | undefined
      await place.change((records) => {
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
      await place.change((records) => {
        wasThere = records.has(name)
        return new Map([...records].filter(([key]) => key !== name))
      })
      return wasThere
    },
    list: async () => byName([...(await place.read()).records.values()].map(infoOf)),
    async rewrap() {
      let count = 0
      await place.change((records) => {
        const next = [...records.values()].map(resealed)
        count = next.filter((record) => records.get(record.name) !== record).length
        return new Map(next.map((record) => [record.name, record]))
      })
      return count
    },
  }
}
