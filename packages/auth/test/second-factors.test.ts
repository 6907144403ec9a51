import { createHmac } from 'node:crypto'
import type { KeyRing, SessionRecord } from '@covent/core'
import { type FakeClock, fakeClock } from '@covent/testing'
import { generate } from 'otplib'
import { describe, expect, it } from 'vitest'
import { secondFactors } from '../src/index.ts'
import { memoryDevices } from './memory-devices.ts'

const stepMs = 30_000

const ring = (currentId = 'k1', ids = [currentId]): KeyRing => ({
  currentId,
  ids,
  subKey: (purpose, id = currentId) => {
    if (!ids.includes(id)) throw new Error(`no key ${id}`)
    return createHmac('sha256', `master ${id}`).update(purpose).digest()
  },
})

const session: SessionRecord = {
  id: 'ses_1',
  hash: '',
  deviceId: 'dev_1',
  createdAt: 0,
  lastUsedAt: 0,
  endsAt: 9e15,
  provenUntil: 0,
}

/** The code that an authenticator shows at that time. */
const codeAt = (secret: string, clock: FakeClock, afterMs = 0): Promise<string> =>
  generate({ secret, epoch: Math.floor((clock.now() + afterMs) / 1_000) })

const enrolled = async () => {
  const clock = fakeClock()
  const memory = memoryDevices()
  await memory.stores.sessions.create(session)
  const desk = secondFactors(memory.stores, ring(), clock)
  const { secret, uri } = await desk.enrol('dev_1')
  return { ...memory, clock, desk, secret, uri, code: (afterMs = 0) => codeAt(secret, clock, afterMs) }
}

const wrong = { code: 'auth.code-invalid' }

describe('a second factor', () => {
  it('asks for nothing until a code of it was proved, then of each session for ten minutes', async () => {
    const { desk, clock, code, sessions, uri, secret } = await enrolled()
    expect(uri).toBe(`otpauth://totp/Covent:dev_1?secret=${secret}&issuer=Covent`)
    expect(await desk.isOwed(session)).toBe(false)
    const { provenUntil } = await desk.prove(session, await code())
    expect(provenUntil).toBe(clock.now() + 600_000)
    expect(await desk.isOwed(sessions.get('ses_1')!)).toBe(false)
    expect(await desk.isOwed({ ...session, id: 'ses_2' })).toBe(true)
    await clock.advance(600_000)
    expect(await desk.isOwed(sessions.get('ses_1')!)).toBe(true)
  })

  it('takes each code once, from one interval before to one after the present, and none older than the last', async () => {
    const { desk, clock, code } = await enrolled()
    await clock.advance(10 * stepMs)
    await expect(desk.prove(session, await code(-2 * stepMs))).rejects.toMatchObject(wrong)
    await clock.advance(stepMs)
    const early = await code(-stepMs)
    const now = await code()
    await desk.prove(session, now)
    await expect(desk.prove(session, now)).rejects.toMatchObject(wrong)
    await clock.advance(1_000)
    await expect(desk.prove(session, early)).rejects.toMatchObject(wrong)
    await clock.advance(2 * stepMs)
    await desk.prove(session, await code(stepMs))
  })

  it('lets one of many take the same code', async () => {
    const { desk, code } = await enrolled()
    const same = await code()
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => desk.prove(session, same)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('answers wrong codes more and more slowly, and forgets them with a right one', async () => {
    const { desk, clock, code, factors } = await enrolled()
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await expect(desk.prove(session, '000000')).rejects.toMatchObject(wrong)
      await expect(desk.prove(session, await code())).rejects.toMatchObject({ code: 'auth.too-soon' })
      await clock.advance(pauseMs)
    }
    await desk.prove(session, await code())
    expect(factors.get('dev_1')).toMatchObject({ tries: 0, nextTryAt: 0 })
    for (const none of ['', '12345', '1234567', 'abcdef', '１２３４５６']) {
      await expect(desk.prove(session, none)).rejects.toMatchObject(wrong)
      await clock.advance(60_000)
    }
  })

  it('keeps its secret encrypted, bound to its device, and under a new master key after its next use', async () => {
    const { desk, clock, code, factors, stores, secret } = await enrolled()
    await desk.prove(session, await code())
    expect(JSON.stringify([...factors])).not.toContain(secret)
    const rotated = secondFactors(stores, ring('k2', ['k2', 'k1']), clock)
    await clock.advance(stepMs)
    await rotated.prove(session, await code())
    expect(factors.get('dev_1')!.sealed).toMatch(/^k2\./)
    await clock.advance(stepMs)
    await secondFactors(stores, ring('k2'), clock).prove(session, await code())
    factors.set('dev_2', { ...factors.get('dev_1')!, deviceId: 'dev_2', lastStep: 0 })
    await clock.advance(stepMs)
    await expect(rotated.prove({ ...session, deviceId: 'dev_2' }, await code())).rejects.toThrow()
  })

  it('is of no device that has none, and gone when it is removed', async () => {
    const { desk, code } = await enrolled()
    await expect(desk.prove({ ...session, deviceId: 'dev_9' }, await code())).rejects.toMatchObject(wrong)
    await desk.prove(session, await code())
    expect([await desk.remove('dev_1'), await desk.remove('dev_1')]).toEqual([true, false])
    expect(await desk.isOwed(session)).toBe(false)
  })
})
