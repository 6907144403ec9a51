import {
  type ApiKeys,
  type Clock,
  type CreatedKey,
  type KeyRecord,
  type KeyStore,
  type NewKey,
  newId,
  ValidationError,
} from '@covent/core'
import { hashKey, newKeyText } from './key-format.ts'
import { roleScopes } from './role-scopes.ts'

const withoutHash = ({ hash: _hash, ...rest }: KeyRecord): Omit<KeyRecord, 'hash'> => rest

const refused = (param: string, message: string): ValidationError =>
  new ValidationError('validation.failed', `${param}: ${message}`, { data: { param } })

/** A key that nobody could use is a mistake, and its maker hears of it now. */
const checkUsable = ({ role, scopes, expiresAt }: NewKey, nowMs: number): void => {
  const held: readonly string[] = roleScopes[role]
  const beyond = scopes?.find((scope) => !held.includes(scope))
  if (beyond !== undefined)
    throw refused('scopes', `${beyond} is not held by the role ${role}, which has ${held.join(', ')}`)
  if (expiresAt !== undefined && expiresAt <= nowMs)
    throw refused('expiresAt', 'lies in the past; name a time to come, or leave it out')
}

/** Makes, lists, rotates and revokes keys. The text of a key leaves `create` and `rotate` and is nowhere kept. */
export const apiKeys = (keys: KeyStore, clock: Clock): ApiKeys => {
  const made = (request: Omit<KeyRecord, 'id' | 'hash' | 'createdAt'>): [KeyRecord, CreatedKey] => {
    const createdAt = clock.now()
    const id = newId('key', createdAt)
    const key = newKeyText()
    return [
      { ...request, id, hash: hashKey(key), createdAt },
      { id, key },
    ]
  }
  return {
    async create(request) {
      checkUsable(request, clock.now())
      const [record, created] = made(request)
      await keys.create(record)
      return created
    },
    async rotate(id, overlapMs) {
      const old = (await keys.list()).find((key) => key.id === id)
      if (old === undefined) return undefined
      const { name, role, scopes, expiresAt, principalId = id } = old
      const [next, created] = made({
        name,
        role,
        principalId,
        ...(scopes && { scopes }),
        ...(expiresAt !== undefined && { expiresAt }),
      })
      return (await keys.replace(id, next, next.createdAt + overlapMs)) ? created : undefined
    },
    list: async () => (await keys.list()).map(withoutHash),
    revoke: (id) => keys.revoke(id, clock.now()),
  }
}
