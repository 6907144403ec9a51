import { equal, ids, refused } from './assert.ts'
import { key } from './records.ts'
import type { Cases } from './stores-suite.ts'

const hash = (letter: string): string => letter.repeat(64)

export const keyCases: Cases = {
  async 'finds a key by its hash, with all that it has'({ stores }) {
    const full = key({ scopes: ['keys:read'], expiresAt: 5000, lastUsedAt: 2000 })
    await stores.keys.create(full)
    equal(await stores.keys.findByHash(hash('a')), full)
    equal(await stores.keys.findByHash(hash('b')), undefined)
  },
  async 'keeps “no scopes at all” apart from “all that the role allows”'({ stores }) {
    await stores.keys.create(key({ scopes: [] }))
    await stores.keys.create(key({ id: 'k2', hash: hash('b') }))
    equal((await stores.keys.findByHash(hash('a')))?.scopes, [])
    equal('scopes' in (await stores.keys.findByHash(hash('b')))!, false)
  },
  async 'refuses a second key of the same hash'({ stores }) {
    await stores.keys.create(key())
    await refused(stores.keys.create(key({ id: 'k2', role: 'owner' })), 'database.conflict')
  },
  async 'lists all keys, revoked ones too, oldest first'({ stores }) {
    for (const id of ['k3', 'k1', 'k2']) await stores.keys.create(key({ id, hash: hash(id) }))
    await stores.keys.revoke('k1', 2000)
    equal(ids(await stores.keys.list()), 'k3 k1 k2')
  },
  async 'revokes a live key once'({ stores }) {
    await stores.keys.create(key())
    await stores.keys.create(key({ id: 'k2', hash: hash('b'), expiresAt: 1500 }))
    equal(await stores.keys.revoke('k1', 2000), true)
    equal(await stores.keys.revoke('k1', 3000), false)
    equal(await stores.keys.revoke('k2', 2000), false)
    equal(await stores.keys.revoke('k9', 2000), false)
    equal((await stores.keys.findByHash(hash('a')))?.revokedAt, 2000)
  },
  async 'notes the latest use'({ stores }) {
    await stores.keys.create(key())
    for (const at of [2000, 3000, 2500]) await stores.keys.touch('k1', at)
    equal((await stores.keys.findByHash(hash('a')))?.lastUsedAt, 3000)
    await stores.keys.touch('k9', 2000)
  },
}
