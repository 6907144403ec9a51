import type { Devices, SecondFactors, Sessions } from '@covent/core'

/** No device is ever paired here; `apps/server` tests the real ones. */
export const memoryDevices = (): Devices => ({
  challenge: () => ({ challenge: 'c', expiresAt: 0 }),
  offer: async () => ({ code: 'AAAA-AAAA', expiresAt: 0 }),
  pair: async () => {
    throw new Error('nothing pairs here')
  },
  list: async () => [],
  revoke: async () => false,
})

export const memorySessions = (): Sessions => ({
  open: async () => {
    throw new Error('nobody signs in here')
  },
  find: async () => undefined,
  list: async () => [],
  end: async () => false,
  instanceId: async () => 'test',
})

export const memorySecondFactors = (): SecondFactors => ({
  enrol: async () => ({ secret: 'S', uri: 'otpauth://totp/x' }),
  prove: async () => ({ provenUntil: 0 }),
  remove: async () => false,
  isOwed: async () => false,
})
