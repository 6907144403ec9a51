import type { DeviceRecord, PairingCodeRecord, SecondFactorRecord, SessionRecord, Stores } from '@covent/core'

/** Devices, sessions and the pairing code in maps, for tests of what stands above the stores. */
export const memoryDevices = () => {
  const devices = new Map<string, DeviceRecord>()
  const sessions = new Map<string, SessionRecord>()
  const codes: PairingCodeRecord[] = []
  const factors = new Map<string, SecondFactorRecord>()
  const stores: Pick<Stores, 'devices' | 'sessions' | 'pairing' | 'secondFactors'> = {
    devices: {
      create: async (device) => void devices.set(device.id, device),
      find: async (id) => devices.get(id),
      list: async () => [...devices.values()],
      async answer(id, answeredAt) {
        const device = devices.get(id)
        if (device === undefined || device.revokedAt !== undefined || device.answeredAt >= answeredAt)
          return false
        devices.set(id, { ...device, answeredAt })
        return true
      },
      async revoke(id, revokedAt) {
        const device = devices.get(id)
        if (device === undefined || device.revokedAt !== undefined) return false
        devices.set(id, { ...device, revokedAt })
        return true
      },
    },
    sessions: {
      create: async (session) => void sessions.set(session.id, session),
      async findByHash(hash) {
        const session = [...sessions.values()].find((one) => one.hash === hash)
        return session && { session, device: devices.get(session.deviceId)! }
      },
      list: async (deviceId) =>
        [...sessions.values()].filter((one) => deviceId === undefined || one.deviceId === deviceId),
      async touch(id, lastUsedAt) {
        sessions.set(id, { ...sessions.get(id)!, lastUsedAt })
      },
      async prove(id, provenUntil) {
        sessions.set(id, { ...sessions.get(id)!, provenUntil })
      },
      end: async (id) => sessions.delete(id),
      instanceId: async () => 'test',
    },
    secondFactors: {
      find: async (id) => factors.get(id),
      put: async (factor) => void factors.set(factor.deviceId, factor),
      async count({ deviceId, tries }, nextTryAt) {
        const factor = factors.get(deviceId)
        if (factor?.tries !== tries) return false
        factors.set(deviceId, { ...factor, tries: tries + 1, nextTryAt })
        return true
      },
      async take(deviceId, { step, at, sealed }) {
        const factor = factors.get(deviceId)
        if (factor === undefined || factor.lastStep >= step) return false
        const kept = { ...factor, sealed, lastStep: step, tries: 0, nextTryAt: 0 }
        factors.set(deviceId, { ...kept, confirmedAt: factor.confirmedAt ?? at })
        return true
      },
      remove: async (id) => factors.delete(id),
    },
    pairing: {
      offer: async (code) => void codes.splice(0, 1, code),
      current: async () => codes[0],
      async count({ tries }, nextTryAt) {
        if (codes[0]?.tries !== tries) return false
        codes[0] = { ...codes[0], tries: tries + 1, nextTryAt }
        return true
      },
      take: async (hash) => codes[0]?.hash === hash && codes.splice(0).length > 0,
    },
  }
  return { stores, sessions, factors, code: () => codes[0] }
}
