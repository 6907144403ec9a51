import { fakeClock } from '@covent/testing'
import { expect, it } from 'vitest'
import { apiKeys, authenticator, recentKeys } from '../src/index.ts'
import { memoryKeys } from './memory-keys.ts'

const opened = () => {
  const store = memoryKeys()
  const clock = fakeClock()
  const kept = recentKeys(store, clock)
  return { store, clock, kept, keys: apiKeys(kept, clock), door: authenticator(kept, clock) }
}

it('asks the store for a key in use once a second', async () => {
  const { store, clock, keys, door } = opened()
  const { key } = await keys.create({ name: 'ci', role: 'user' })
  for (let n = 0; n < 10; n++) expect(await door.authenticate(key)).toBeDefined()
  expect(store.asked.findByHash).toBe(1)
  await clock.advance(1000)
  await door.authenticate(key)
  expect(store.asked.findByHash).toBe(2)
})

it('forgets a key that is revoked through it at once', async () => {
  const { keys, door } = opened()
  const { id, key } = await keys.create({ name: 'ci', role: 'user' })
  await door.authenticate(key)
  await keys.revoke(id)
  expect(await door.authenticate(key)).toBeUndefined()
})

it('sees a key that was revoked elsewhere within a second', async () => {
  const { store, clock, keys, door } = opened()
  const { id, key } = await keys.create({ name: 'ci', role: 'user' })
  await door.authenticate(key)
  await store.revoke(id, clock.now())
  await clock.advance(1000)
  expect(await door.authenticate(key)).toBeUndefined()
})

it('lets two replicas over one store forget a key that one of them ends', async () => {
  const { store, clock, keys, door } = opened()
  const other = authenticator(recentKeys(store, clock), clock)
  const revoked = await keys.create({ name: 'ci', role: 'user' })
  const rotated = await keys.create({ name: 'ci', role: 'user' })
  const open = async () =>
    Promise.all([revoked, rotated].flatMap(({ key }) => [door.authenticate(key), other.authenticate(key)]))
  expect((await open()).every(Boolean)).toBe(true)
  await keys.revoke(revoked.id)
  await keys.rotate(rotated.id, 0)
  await clock.advance(1000)
  expect((await open()).some(Boolean)).toBe(false)
})

it('never keeps that a key is unknown', async () => {
  const { store, kept, keys } = opened()
  const { id } = await keys.create({ name: 'ci', role: 'user' })
  const { hash } = store.records.get(id)!
  store.records.clear()
  expect(await kept.findByHash(hash)).toBeUndefined()
  await store.create({ id, name: 'ci', hash, role: 'user', createdAt: 0 })
  expect(await kept.findByHash(hash)).toBeDefined()
})

it('keeps no look-up that a revocation overtook', async () => {
  const { store, clock, kept, keys } = opened()
  const { id } = await keys.create({ name: 'ci', role: 'user' })
  const before = store.records.get(id)!
  let answer: (record: unknown) => void = () => {}
  const slow = { ...store, findByHash: () => new Promise((resolve) => (answer = resolve)) as never }
  const racing = recentKeys(slow, clock)
  const looking = racing.findByHash(before.hash)
  await racing.revoke(id, clock.now())
  answer(before)
  await looking
  const again = racing.findByHash(before.hash)
  answer(store.records.get(id))
  expect((await again)?.revokedAt).toBeDefined()
  expect((await kept.findByHash(before.hash))?.revokedAt).toBeDefined()
})
