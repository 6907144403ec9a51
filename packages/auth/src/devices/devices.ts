import { timingSafeEqual } from 'node:crypto'
import {
  AuthError,
  type Clock,
  type Devices,
  type KeyRing,
  newId,
  type PairingCodeRecord,
  type Stores,
} from '@covent/core'
import { challenges } from './challenges.ts'
import { hashPairingCode, newPairingCode } from './pairing-code.ts'
import { deviceKey, isProven } from './proof.ts'

const codeLivesMs = 300_000
const mostTries = 5
const firstDelayMs = 1000

const wrongCode = (): AuthError =>
  new AuthError(
    'auth.code-invalid',
    'The pairing code is wrong, used or over; let `covent pair` show a new one.',
  )

const tooSoon = (waitMs: number): AuthError => {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new AuthError('auth.too-soon', `After a wrong code wait ${seconds} s.`, {
    data: { retryAfterSeconds: seconds },
  })
}

const equal = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))

/** Pairs devices. Tries are counted at the code, whoever makes them; a device that is paired already is never asked about them. */
export const devices = (
  stores: Pick<Stores, 'devices' | 'pairing'>,
  keys: KeyRing,
  clock: Clock,
): Devices => {
  const { make, madeAt } = challenges(keys, clock)
  /** Counts the try before it is judged, so that tries at once are as many as tries in turn. */
  const judge = async (code: PairingCodeRecord, typed: string): Promise<void> => {
    const now = clock.now()
    if (now < code.nextTryAt) throw tooSoon(code.nextTryAt - now)
    if (!(await stores.pairing.count(code, now + firstDelayMs * 2 ** code.tries))) throw tooSoon(firstDelayMs)
    const isRight = equal(hashPairingCode(typed), code.hash)
    if (!isRight || !(await stores.pairing.take(code.hash))) throw wrongCode()
  }
  const spend = async (typed: string): Promise<PairingCodeRecord> => {
    const code = await stores.pairing.current()
    if (code === undefined || code.tries >= mostTries || clock.now() >= code.expiresAt) throw wrongCode()
    await judge(code, typed)
    return code
  }
  return {
    challenge: make,
    async offer({ role, issuer }) {
      const code = newPairingCode()
      const expiresAt = clock.now() + codeLivesMs
      const fresh = { tries: 0, nextTryAt: 0 }
      await stores.pairing.offer({ hash: hashPairingCode(code), role, issuer, expiresAt, ...fresh })
      return { code, expiresAt }
    },
    async pair({ code, name, publicKey, proof }) {
      const key = deviceKey(publicKey)
      const answeredAt = madeAt(proof.challenge)
      if (answeredAt === undefined || !isProven(key, 'pair', proof))
        throw new AuthError(
          'auth.proof-invalid',
          'The device has not signed a fresh challenge for this origin.',
        )
      const { role } = await spend(code)
      const createdAt = clock.now()
      const device = { id: newId('dev', createdAt), name, role, publicKey, createdAt, answeredAt }
      await stores.devices.create(device)
      return device
    },
    list: () => stores.devices.list(),
    revoke: (id) => stores.devices.revoke(id, clock.now()),
  }
}
