import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Challenge, Clock, KeyRing } from '@covent/core'

const livesMs = 60_000
const purpose = 'auth/challenge'

export interface Challenges {
  make(): Challenge
  /** When it was made; undefined for what is not ours, or too old. */
  madeAt(challenge: string): number | undefined
}

/** Challenges that are kept nowhere: whoever asks for a million of them takes no room. Replicas of one key know each other's. */
export const challenges = (keys: KeyRing, clock: Clock): Challenges => {
  const seal = (text: string, keyId: string): Buffer =>
    createHmac('sha256', keys.subKey(purpose, keyId)).update(text).digest()
  return {
    make() {
      const now = clock.now()
      const text = `${now}.${randomBytes(16).toString('base64url')}`
      const challenge = `${text}.${seal(text, keys.currentId).toString('base64url')}`
      return { challenge, expiresAt: now + livesMs }
    },
    madeAt(challenge) {
      const [at, random, given] = challenge.split('.')
      const sealed = Buffer.from(given ?? '', 'base64url')
      if (sealed.length !== 32) return undefined
      const fits = keys.ids.some((id) => timingSafeEqual(seal(`${at}.${random}`, id), sealed))
      const age = clock.now() - Number(at)
      return fits && age >= 0 && age < livesMs ? Number(at) : undefined
    },
  }
}
