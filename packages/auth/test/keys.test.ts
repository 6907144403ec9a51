import { createHash } from 'node:crypto'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { apiKeys, authenticator } from '../src/index.ts'
import { memoryKeys } from './memory-keys.ts'

const minuteMs = 60_000

const opened = () => {
  const store = memoryKeys()
  const clock = fakeClock()
  return { store, clock, keys: apiKeys(store, clock), door: authenticator(store, clock) }
}

/** The same text with one character at `place` changed to another of its alphabet. */
const mistyped = (key: string, place: number): string =>
  key.slice(0, place) + (key[place] === 'a' ? 'b' : 'a') + key.slice(place + 1)

describe('a key', () => {
  it('opens the door as the principal that it was made for', async () => {
    const { keys, door } = opened()
    const { id, key } = await keys.create({ name: 'ci', role: 'operator', scopes: ['keys:read'] })
    expect(await door.authenticate(key)).toEqual({ id, kind: 'key', role: 'operator', scopes: ['keys:read'] })
  })

  it('has no scopes of its own where none were asked for', async () => {
    const { keys, door } = opened()
    const { key } = await keys.create({ name: 'ci', role: 'user' })
    expect(await door.authenticate(key)).not.toHaveProperty('scopes')
  })

  it('holds 256 bits that no other key shares', async () => {
    const { keys } = opened()
    const made = await Promise.all(
      Array.from({ length: 500 }, () => keys.create({ name: 'n', role: 'user' })),
    )
    const secrets = new Set(made.map(({ key }) => key.slice(4, 47)))
    expect(secrets.size).toBe(500)
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  })

  it('is kept as its SHA-256 only, and its hash is not listed', async () => {
    const { store, keys } = opened()
    const { id, key } = await keys.create({ name: 'ci', role: 'user' })
    expect(JSON.stringify([...store.records])).not.toContain(key.slice(4, 20))
    expect(store.records.get(id)?.hash).toBe(createHash('sha256').update(key).digest('hex'))
    expect(await keys.list()).toEqual([{ id, name: 'ci', role: 'user', createdAt: expect.any(Number) }])
  })

  it('cannot be replaced by what is stored: the hash opens nothing', async () => {
    const { store, keys, door } = opened()
    const { id } = await keys.create({ name: 'ci', role: 'owner' })
    expect(await door.authenticate(store.records.get(id)!.hash)).toBeUndefined()
  })
})

describe('what is no key', () => {
  it('is refused before the store is asked, each mistyped character too', async () => {
    const { store, keys, door } = opened()
    const { key } = await keys.create({ name: 'ci', role: 'user' })
    const wrong = Array.from(key, (_, place) => mistyped(key, place))
    for (const text of [
      ...wrong,
      '',
      ' ',
      `${key} `,
      key.slice(0, -1),
      `${key}\n`,
      key.toUpperCase(),
      'é'.repeat(54),
    ])
      expect(await door.authenticate(text), text).toBeUndefined()
    expect(store.asked.findByHash).toBe(0)
  })

  it('is refused where it is well formed but unknown', async () => {
    const other = await opened().keys.create({ name: 'ci', role: 'owner' })
    expect(await opened().door.authenticate(other.key)).toBeUndefined()
  })
})

describe('the end of a key', () => {
  it('comes with its revocation, on the next request', async () => {
    const { keys, door } = opened()
    const { id, key } = await keys.create({ name: 'ci', role: 'user' })
    expect(await door.authenticate(key)).toBeDefined()
    expect(await keys.revoke(id)).toBe(true)
    expect(await door.authenticate(key)).toBeUndefined()
    expect(await keys.revoke(id)).toBe(false)
  })

  it('comes at the moment of its expiry', async () => {
    const { clock, keys, door } = opened()
    const { key } = await keys.create({ name: 'ci', role: 'user', expiresAt: clock.now() + 1000 })
    await clock.advance(999)
    expect(await door.authenticate(key)).toBeDefined()
    await clock.advance(1)
    expect(await door.authenticate(key)).toBeUndefined()
  })
})

describe('a key that nobody could use', () => {
  it.each([
    [{ scopes: ['keys:write'] }, /^scopes: keys:write is not held by the role user, which has .*chat:write/],
    [{ scopes: ['chat:write', 'chat:wirte'] }, /^scopes: chat:wirte/],
    [{ expiresAt: 0 }, /^expiresAt: lies in the past/],
  ])('is not made: %j', async (fields, message) => {
    const { store, keys } = opened()
    const making = keys.create({ name: 'ci', role: 'user', ...fields })
    await expect(making).rejects.toMatchObject({
      code: 'validation.failed',
      message: expect.stringMatching(message),
    })
    expect(store.records.size).toBe(0)
  })
})

describe('a rotated key', () => {
  const rotated = async (overlapMs: number) => {
    const all = opened()
    const expiresAt = all.clock.now() + 10 * minuteMs
    const request = { name: 'ci', role: 'operator', scopes: ['keys:read'], expiresAt } as const
    const old = await all.keys.create(request)
    return { ...all, old, next: (await all.keys.rotate(old.id, overlapMs))! }
  }

  it('lives on beside the next one until the overlap ends', async () => {
    const { clock, door, old, next } = await rotated(5 * minuteMs)
    await clock.advance(5 * minuteMs - 1)
    expect(await door.authenticate(old.key)).toBeDefined()
    await clock.advance(1)
    expect(await door.authenticate(old.key)).toBeUndefined()
    expect(await door.authenticate(next.key)).toBeDefined()
  })

  it('is the same principal as the next one, and the one after that', async () => {
    const { keys, door, old, next } = await rotated(minuteMs)
    const third = (await keys.rotate(next.id, minuteMs))!
    const principal = { id: old.id, kind: 'key', role: 'operator', scopes: ['keys:read'] }
    for (const { key } of [old, next, third]) expect(await door.authenticate(key)).toEqual(principal)
  })

  it('never outlives its own end, nor does the next one', async () => {
    const { clock, door, old, next } = await rotated(60 * minuteMs)
    await clock.advance(10 * minuteMs)
    for (const { key } of [old, next]) expect(await door.authenticate(key)).toBeUndefined()
  })

  it('has to be live', async () => {
    const { keys, old } = await rotated(minuteMs)
    await keys.revoke(old.id)
    expect(await keys.rotate(old.id, minuteMs)).toBeUndefined()
    expect(await keys.rotate('key_none', minuteMs)).toBeUndefined()
  })
})

describe('the last use', () => {
  it('is noted at most once a minute, and by no refused request', async () => {
    const { store, clock, keys, door } = opened()
    const { id, key } = await keys.create({ name: 'ci', role: 'user' })
    for (let n = 0; n < 50; n++) await door.authenticate(key)
    await clock.advance(minuteMs - 1)
    await door.authenticate(key)
    expect(store.asked.touch).toBe(1)
    await clock.advance(1)
    await door.authenticate(key)
    await keys.revoke(id)
    await clock.advance(minuteMs)
    await door.authenticate(key)
    expect(store.asked.touch).toBe(2)
    expect(store.records.get(id)?.lastUsedAt).toBe(clock.now() - minuteMs)
  })

  it('delays no request and fails none', async () => {
    const { store, clock, keys } = opened()
    const { key } = await keys.create({ name: 'ci', role: 'user' })
    const stuck = authenticator({ ...store, touch: () => new Promise(() => {}) }, clock)
    const full = authenticator({ ...store, touch: () => Promise.reject(new Error('disk full')) }, clock)
    expect(await stuck.authenticate(key)).toBeDefined()
    expect(await full.authenticate(key)).toBeDefined()
  })
})
