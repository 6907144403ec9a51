import { hash, randomBytes } from 'node:crypto'
import {
  AuthError,
  type Clock,
  type DeviceRecord,
  type KeyRing,
  newId,
  type Principal,
  type SessionRecord,
  type Sessions,
  type Stores,
} from '@covent/core'
import { challenges } from './challenges.ts'
import { deviceKey, isProven } from './proof.ts'

const idleMs = 3_600_000
const absoluteMs = 12 * 3_600_000
const noteEveryMs = 60_000
const tokenShape = /^[\w-]{43}$/

const hashToken = (token: string): string => hash('sha256', token, 'hex')

const isLive = ({ endsAt, lastUsedAt }: SessionRecord, nowMs: number): boolean =>
  nowMs < endsAt && nowMs < lastUsedAt + idleMs

const toPrincipal = ({ id, role }: DeviceRecord): Principal => ({ id, kind: 'device', role })

/**
 * Sign-ins of devices, of 256 random bits each. They end an hour after their last use, twelve after they were opened, and
 * with their device; the store is asked at each request, so that an end made by any replica holds at once.
 */
export const sessions = (
  stores: Pick<Stores, 'devices' | 'sessions'>,
  keys: KeyRing,
  clock: Clock,
): Sessions => {
  const { madeAt } = challenges(keys, clock)
  return {
    async open(deviceId, proof) {
      const device = await stores.devices.find(deviceId)
      const at = madeAt(proof.challenge)
      const isTheirs =
        device !== undefined && at !== undefined && isProven(deviceKey(device.publicKey), 'session', proof)
      if (!isTheirs || !(await stores.devices.answer(deviceId, at)))
        throw new AuthError(
          'auth.proof-invalid',
          'No device of ours has signed a fresh challenge for this origin.',
        )
      const createdAt = clock.now()
      const token = randomBytes(32).toString('base64url')
      const times = { createdAt, lastUsedAt: createdAt, endsAt: createdAt + absoluteMs, provenUntil: 0 }
      const session = { id: newId('ses', createdAt), hash: hashToken(token), deviceId, ...times }
      await stores.sessions.create(session)
      return { ...session, token }
    },
    async find(token) {
      if (!tokenShape.test(token)) return undefined
      const found = await stores.sessions.findByHash(hashToken(token))
      const now = clock.now()
      if (found === undefined || found.device.revokedAt !== undefined || !isLive(found.session, now))
        return undefined
      const { session, device } = found
      // A use that could not be noted must not fail the request.
      if (now - session.lastUsedAt >= noteEveryMs) stores.sessions.touch(session.id, now).catch(() => {})
      return { principal: toPrincipal(device), session }
    },
    async list(deviceId) {
      const now = clock.now()
      return (await stores.sessions.list(deviceId)).filter((session) => isLive(session, now))
    },
    end: (id) => stores.sessions.end(id),
    instanceId: () => stores.sessions.instanceId(),
  }
}
