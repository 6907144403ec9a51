import { equal, ids, refused } from '../assert.ts'
import { key } from '../records.ts'
import type { Cases } from '../stores-suite.ts'

const hash = (letter: string): string => letter.repeat(64)

export const keyCases: Cases = {
  async 'finds a key by its hash, with all that it has'({ stores }) {
    const full = key({ scopes: ['keys:read'], principalId: 'k0', expiresAt: 5000, lastUsedAt: 2000 })
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
  async 'replaces a live key: adds the next one and brings its end forward'({ stores }) {
    await stores.keys.create(key())
    const next = key({ id: 'k2', hash: hash('b'), principalId: 'k1', createdAt: 2000 })
    equal(await stores.keys.replace('k1', next, 5000), true)
    equal((await stores.keys.findByHash(hash('a')))?.expiresAt, 5000)
    equal(await stores.keys.findByHash(hash('b')), next)
    const sooner = key({ id: 'k3', hash: hash('c'), createdAt: 2000 })
    equal(await stores.keys.replace('k1', sooner, 9000), true)
    equal((await stores.keys.findByHash(hash('a')))?.expiresAt, 5000)
  },
  async 'replaces no key that is gone, and adds nothing then'({ stores }) {
    await stores.keys.create(key({ expiresAt: 1500 }))
    await stores.keys.create(key({ id: 'k2', hash: hash('b') }))
    await stores.keys.revoke('k2', 1600)
    const next = key({ id: 'k3', hash: hash('c'), createdAt: 2000 })
    for (const id of ['k1', 'k2', 'k9']) equal(await stores.keys.replace(id, next, 5000), false)
    equal(await stores.keys.findByHash(hash('c')), undefined)
  },
  async 'ends no key where the next one cannot be added'({ stores }) {
    await stores.keys.create(key())
    const twin = key({ id: 'k2', createdAt: 2000 })
    await refused(stores.keys.replace('k1', twin, 5000), 'database.conflict')
    equal((await stores.keys.findByHash(hash('a')))?.expiresAt, undefined)
  },
  async 'notes the latest use'({ stores }) {
    await stores.keys.create(key())
    for (const at of [2000, 3000, 2500]) await stores.keys.touch('k1', at)
    equal((await stores.keys.findByHash(hash('a')))?.lastUsedAt, 3000)
    await stores.keys.touch('k9', 2000)
  },
}
