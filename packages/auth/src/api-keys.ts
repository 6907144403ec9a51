import { type ApiKeys, type Clock, type KeyRecord, type KeyStore, newId } from '@covent/core'
import { hashKey, newKeyText } from './key-format.ts'

const withoutHash = ({ hash: _hash, ...rest }: KeyRecord): Omit<KeyRecord, 'hash'> => rest

/** Makes, lists and revokes keys. The text of a key leaves `create` and is nowhere kept. */
export const apiKeys = (keys: KeyStore, clock: Clock): ApiKeys => ({
  async create(request) {
    const createdAt = clock.now()
    const id = newId('key', createdAt)
    const key = newKeyText()
    await keys.create({ ...request, id, hash: hashKey(key), createdAt })
    return { id, key }
  },
  list: async () => (await keys.list()).map(withoutHash),
  revoke: (id) => keys.revoke(id, clock.now()),
})
