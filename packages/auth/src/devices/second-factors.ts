import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  AuthError,
  type Clock,
  type KeyRing,
  type SecondFactorRecord,
  type SecondFactors,
  type Stores,
} from '@covent/core'

const provenMs = 600_000
const stepMs = 30_000
const firstPauseMs = 1_000
const longestPauseMs = 60_000
const purpose = 'auth/second-factor'
const ivBytes = 12
const tagBytes = 16

/** Loaded with the first use: few servers have any. */
const otplib = () => import('otplib')

/** The secret under a sub-key of the master key, bound to its device: `keyId.bytes`. */
const seal = (keys: KeyRing, deviceId: string, secret: string): string => {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', keys.subKey(purpose), iv).setAAD(
    Buffer.from(`${deviceId}\n${keys.currentId}`),
  )
  const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${keys.currentId}.${sealed.toString('base64url')}`
}

const unseal = (keys: KeyRing, { deviceId, sealed }: SecondFactorRecord): string => {
  const [keyId = '', text = ''] = sealed.split('.')
  const bytes = Buffer.from(text, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', keys.subKey(purpose, keyId), bytes.subarray(0, ivBytes))
    .setAAD(Buffer.from(`${deviceId}\n${keyId}`))
    .setAuthTag(bytes.subarray(-tagBytes))
  return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
}

const wrong = (): AuthError =>
  new AuthError('auth.code-invalid', 'The code is wrong, old or used, or no second factor is enrolled.')

const tooSoon = (waitMs: number): AuthError => {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  const data = { retryAfterSeconds: seconds }
  return new AuthError('auth.too-soon', `After a wrong code wait ${seconds} s.`, { data })
}

/** The interval whose code that is, one before and one after the present one allowed; undefined for a wrong code. */
const stepOf = async (secret: string, code: string, nowMs: number): Promise<number | undefined> => {
  const { verify } = await otplib()
  const epoch = Math.floor(nowMs / 1_000)
  const result = await verify({ secret, token: code, epoch, epochTolerance: stepMs / 1_000 })
  return result.valid ? Math.floor(nowMs / stepMs) + ('delta' in result ? result.delta : 0) : undefined
}

export const secondFactors = (
  stores: Pick<Stores, 'secondFactors' | 'sessions'>,
  keys: KeyRing,
  clock: Clock,
): SecondFactors => {
  const { secondFactors: factors, sessions } = stores
  /** Counts the try before it is judged, so that tries at once are as many as tries in turn. */
  const judge = async (factor: SecondFactorRecord, code: string): Promise<void> => {
    const now = clock.now()
    if (now < factor.nextTryAt) throw tooSoon(factor.nextTryAt - now)
    const pauseMs = Math.min(firstPauseMs * 2 ** factor.tries, longestPauseMs)
    if (!(await factors.count(factor, now + pauseMs))) throw tooSoon(firstPauseMs)
    const secret = unseal(keys, factor)
    const step = /^\d{6}$/.test(code) ? await stepOf(secret, code, now) : undefined
    if (step === undefined) throw wrong()
    const taken = { step, at: now, sealed: seal(keys, factor.deviceId, secret) }
    if (!(await factors.take(factor.deviceId, taken))) throw wrong()
  }
  return {
    async enrol(deviceId) {
      const { generateSecret, generateURI } = await otplib()
      const secret = generateSecret()
      const sealed = seal(keys, deviceId, secret)
      await factors.put({ deviceId, sealed, lastStep: 0, tries: 0, nextTryAt: 0 })
      return { secret, uri: generateURI({ issuer: 'Covent', label: deviceId, secret }) }
    },
    async prove({ id, deviceId }, code) {
      const factor = await factors.find(deviceId)
      if (factor === undefined) throw wrong()
      await judge(factor, code)
      const provenUntil = clock.now() + provenMs
      await sessions.prove(id, provenUntil)
      return { provenUntil }
    },
    remove: (deviceId) => factors.remove(deviceId),
    async isOwed({ deviceId, provenUntil }) {
      if (provenUntil > clock.now()) return false
      return (await factors.find(deviceId))?.confirmedAt !== undefined
    },
  }
}
