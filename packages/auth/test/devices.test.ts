import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { KeyRing } from '@covent/core'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { devices, sessions } from '../src/index.ts'
import { memoryDevices } from './memory-devices.ts'

const origin = 'http://localhost:7420'
const hourMs = 3_600_000

const ring = (secret = 'master'): KeyRing => ({
  currentId: 'k1',
  ids: ['k1'],
  subKey: (purpose) => createHmac('sha256', secret).update(purpose).digest(),
})

const opened = () => {
  const clock = fakeClock()
  const memory = memoryDevices()
  return {
    ...memory,
    clock,
    desk: devices(memory.stores, ring(), clock),
    door: sessions(memory.stores, ring(), clock),
    replica: sessions(memory.stores, ring(), clock),
  }
}
type Opened = ReturnType<typeof opened>

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}
const ed25519 = (): Pair => generateKeyPairSync('ed25519')
const p256 = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = ({ publicKey }: Pair): string =>
  publicKey.export({ type: 'spki', format: 'der' }).toString('base64')

interface Signing {
  readonly purpose?: string
  readonly origin?: string
  readonly challenge: string
}
const proofBy = ({ privateKey }: Pair, { purpose = 'session', challenge, ...rest }: Signing) => {
  const text = Buffer.from(`covent/${purpose}\n${rest.origin ?? origin}\n${challenge}`)
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const signature = sign(digest, text, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return { challenge, origin, signature: signature.toString('base64url') }
}

const pairWith = ({ desk }: Opened, code: string, pair = ed25519()) =>
  desk.pair({
    code,
    name: 'phone',
    publicKey: spki(pair),
    proof: proofBy(pair, { purpose: 'pair', challenge: desk.challenge().challenge }),
  })

const paired = async (pair: Pair = ed25519()) => {
  const all = opened()
  const { code } = await all.desk.offer({ role: 'user', issuer: 'key_1' })
  const device = await pairWith(all, code, pair)
  await all.clock.advance(1)
  const proof = (signing: Partial<Signing> = {}) =>
    proofBy(pair, { challenge: all.desk.challenge().challenge, ...signing })
  return { ...all, device, pair, proof }
}

const refusedAs = (code: string) => ({ code })
const wrongCode = refusedAs('auth.code-invalid')
const wrongProof = refusedAs('auth.proof-invalid')

describe('pairing', () => {
  it.each([
    ['Ed25519', ed25519],
    ['P-256', p256],
  ])('takes a device with an %s key, which then signs in', async (_name, make) => {
    const { device, door, proof } = await paired(make())
    const { token } = await door.open(device.id, proof())
    expect((await door.find(token))?.principal).toEqual({ id: device.id, kind: 'device', role: 'user' })
  })

  it('shows a code of eight unconfusable characters, kept as a digest, and takes it as people type it', async () => {
    const all = opened()
    const { code } = await all.desk.offer({ role: 'user', issuer: 'key_1' })
    expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/)
    expect(JSON.stringify(all.code())).not.toContain(code.slice(0, 4))
    expect((await pairWith(all, ` ${code.replace('-', ' ').toLowerCase()}`)).role).toBe('user')
  })

  it('takes a code once, five minutes long, and not beside a newer one', async () => {
    const all = opened()
    const offer = async () => (await all.desk.offer({ role: 'user', issuer: 'key_1' })).code
    const first = await offer()
    const second = await offer()
    await expect(pairWith(all, first)).rejects.toMatchObject(wrongCode)
    await all.clock.advance(1000)
    await pairWith(all, second)
    await expect(pairWith(all, second)).rejects.toMatchObject(wrongCode)
    const late = await offer()
    await all.clock.advance(300_000)
    await expect(pairWith(all, late)).rejects.toMatchObject(wrongCode)
  })

  it('burns a code after five tries, whoever made them', async () => {
    const all = opened()
    const { code } = await all.desk.offer({ role: 'owner', issuer: 'key_1' })
    for (let n = 0; n < 5; n++) {
      await expect(pairWith(all, 'AAAA-AAAA')).rejects.toMatchObject(wrongCode)
      await all.clock.advance(20_000)
    }
    await expect(pairWith(all, code)).rejects.toMatchObject(wrongCode)
    expect(await all.desk.list()).toEqual([])
  })

  it('waits longer after each wrong code, and counts no try in between', async () => {
    const all = opened()
    const { code } = await all.desk.offer({ role: 'user', issuer: 'key_1' })
    for (const seconds of [1, 2, 4]) {
      await expect(pairWith(all, 'AAAA-AAAA')).rejects.toMatchObject(wrongCode)
      await all.clock.advance(seconds * 1000 - 1)
      const early = { code: 'auth.too-soon', data: { retryAfterSeconds: 1 } }
      await expect(pairWith(all, code)).rejects.toMatchObject(early)
      await all.clock.advance(1)
    }
    expect(all.code()?.tries).toBe(3)
    await pairWith(all, code)
  })

  it('counts guesses that come at once as one', async () => {
    const all = opened()
    await all.desk.offer({ role: 'user', issuer: 'key_1' })
    const guesses = Array.from({ length: 50 }, () => pairWith(all, 'AAAA-AAAA').catch((error) => error.code))
    const codes = await Promise.all(guesses)
    expect(codes.filter((code) => code === 'auth.code-invalid')).toHaveLength(1)
    expect(all.code()?.tries).toBe(1)
  })

  it('gives one device to one code, however many bring it at once', async () => {
    const all = opened()
    const { code } = await all.desk.offer({ role: 'user', issuer: 'key_1' })
    await Promise.allSettled(Array.from({ length: 10 }, () => pairWith(all, code)))
    expect(await all.desk.list()).toHaveLength(1)
  })

  it('spends no try on a device that has not signed', async () => {
    const all = opened()
    const { code } = await all.desk.offer({ role: 'user', issuer: 'key_1' })
    const [pair, other] = [ed25519(), ed25519()]
    const { challenge } = all.desk.challenge()
    const proof = proofBy(other, { purpose: 'pair', challenge })
    const device = { code, name: 'phone', publicKey: spki(pair), proof }
    await expect(all.desk.pair(device)).rejects.toMatchObject(wrongProof)
    expect(all.code()?.tries).toBe(0)
  })

  it.each([
    ['an RSA key', () => spki(generateKeyPairSync('rsa', { modulusLength: 2048 }))],
    ['a P-384 key', () => spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
    ['a private key', () => ed25519().privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')],
    ['no key', () => 'AAAA'],
  ])('takes no %s', async (_name, make) => {
    const { desk } = opened()
    const proof = { challenge: desk.challenge().challenge, signature: 'AAAA', origin }
    const device = { code: 'AAAA-AAAA', name: 'phone', publicKey: make(), proof }
    await expect(desk.pair(device)).rejects.toMatchObject({ code: 'validation.failed' })
  })
})

describe('a session', () => {
  it('opens to no replayed challenge, also at another replica and at once', async () => {
    const { device, door, replica, proof } = await paired()
    const once = proof()
    const opening = [door, replica, door, replica].map((at) => at.open(device.id, once))
    const came = await Promise.allSettled(opening)
    expect(came.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('opens to no signature for another origin, another purpose or by another key', async () => {
    const { device, door, proof, desk } = await paired()
    const { challenge } = desk.challenge()
    const foreign = [
      proof({ origin: 'http://evil.test' }),
      proof({ origin: 'http://localhost:3000' }),
      proof({ purpose: 'pair' }),
      proofBy(ed25519(), { challenge }),
      { ...proof(), signature: '' },
      { ...proof(), signature: 'A'.repeat(86) },
    ]
    for (const one of foreign) await expect(door.open(device.id, one)).rejects.toMatchObject(wrongProof)
    await expect(door.open('dev_none', proof())).rejects.toMatchObject(wrongProof)
  })

  it('opens to no challenge that is forged, altered or older than a minute', async () => {
    const { device, door, proof, clock, desk } = await paired()
    const { challenge } = desk.challenge()
    const [at, random, seal] = challenge.split('.')
    const stranger = devices(memoryDevices().stores, ring('another master'), clock)
    const forged = [
      `${Number(at) + 1}.${random}.${seal}`,
      `${at}.${random}x.${seal}`,
      `${at}.${random}`,
      `${at}.${random}.AAAA`,
      '',
      stranger.challenge().challenge,
    ]
    for (const one of forged)
      await expect(door.open(device.id, proof({ challenge: one }))).rejects.toMatchObject(wrongProof)
    await clock.advance(60_000)
    await expect(door.open(device.id, proof({ challenge }))).rejects.toMatchObject(wrongProof)
  })

  it('has a token of 256 random bits, new each time, which is kept as a digest alone', async () => {
    const { device, door, proof, sessions, clock } = await paired()
    const one = await door.open(device.id, proof())
    await clock.advance(1)
    const two = await door.open(device.id, proof())
    expect(Buffer.from(one.token, 'base64url')).toHaveLength(32)
    expect(one.token).not.toBe(two.token)
    expect(JSON.stringify([...sessions.values()])).not.toContain(one.token)
    expect(await door.find(one.hash)).toBeUndefined()
  })

  it('ends an hour after its last use, and twelve hours after it was opened', async () => {
    const { device, door, proof, clock } = await paired()
    const idle = await door.open(device.id, proof())
    await clock.advance(hourMs)
    expect(await door.find(idle.token)).toBeUndefined()
    const busy = await door.open(device.id, proof())
    for (let n = 0; n < 23; n++) {
      await clock.advance(hourMs / 2)
      expect(await door.find(busy.token)).toBeDefined()
    }
    await clock.advance(hourMs / 2)
    expect(await door.find(busy.token)).toBeUndefined()
    expect(await door.list(device.id)).toEqual([])
  })

  it('ends at every replica with itself and with its device', async () => {
    const { device, desk, door, replica, proof, clock } = await paired()
    const one = await door.open(device.id, proof())
    await clock.advance(1)
    const two = await door.open(device.id, proof())
    expect(await replica.find(one.token)).toBeDefined()
    await door.end(one.id)
    expect(await replica.find(one.token)).toBeUndefined()
    expect(await replica.find(two.token)).toBeDefined()
    await desk.revoke(device.id)
    expect(await replica.find(two.token)).toBeUndefined()
    await expect(door.open(device.id, proof())).rejects.toMatchObject(wrongProof)
  })
})
