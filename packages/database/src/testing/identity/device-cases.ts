import type { DeviceRecord, PairingCodeRecord, SessionRecord, Stores } from '@covent/core'
import { equal, ids } from '../assert.ts'
import type { Cases } from '../stores-suite.ts'

const device = (fields: Partial<DeviceRecord> = {}): DeviceRecord => ({
  id: 'd1',
  name: 'phone',
  role: 'user',
  publicKey: 'AAAA',
  createdAt: 1000,
  answeredAt: 900,
  ...fields,
})

const session = (fields: Partial<SessionRecord> = {}): SessionRecord => ({
  id: 's1',
  hash: 'a'.repeat(64),
  deviceId: 'd1',
  createdAt: 1000,
  lastUsedAt: 1000,
  endsAt: 9000,
  provenUntil: 0,
  ...fields,
})

const code = (fields: Partial<PairingCodeRecord> = {}): PairingCodeRecord => ({
  hash: 'c'.repeat(64),
  role: 'user',
  issuer: 'k1',
  expiresAt: 5000,
  tries: 0,
  nextTryAt: 0,
  ...fields,
})

const twoDevices = async ({ devices, sessions }: Stores): Promise<void> => {
  await devices.create(device())
  await devices.create(device({ id: 'd2' }))
  await sessions.create(session())
  await sessions.create(session({ id: 's2', hash: 'b'.repeat(64), deviceId: 'd2' }))
}

export const deviceCases: Cases = {
  async 'finds devices, and lists revoked ones too, oldest first'({ stores: { devices } }) {
    for (const id of ['d3', 'd1']) await devices.create(device({ id }))
    equal(await devices.revoke('d3', 2000), true)
    equal(await devices.revoke('d3', 3000), false)
    equal(await devices.find('d3'), device({ id: 'd3', revokedAt: 2000 }))
    equal(await devices.find('d9'), undefined)
    equal(ids(await devices.list()), 'd3 d1')
  },
  async 'takes the answer to a challenge once, and to no earlier one'({ stores: { devices } }) {
    await devices.create(device())
    const answers: boolean[] = []
    for (const at of [900, 2000, 2000, 1500, 2001]) answers.push(await devices.answer('d1', at))
    equal(answers, [false, true, false, false, true])
    const atOnce = await Promise.all([2500, 2500, 2500].map((at) => devices.answer('d1', at)))
    equal(atOnce.filter(Boolean).length, 1)
    await devices.revoke('d1', 3000)
    equal(await devices.answer('d1', 4000), false)
  },
  async 'finds a session with its device by its hash'({ stores }) {
    await twoDevices(stores)
    const found = { session: session(), device: device() }
    equal(await stores.sessions.findByHash('a'.repeat(64)), found)
    equal(await stores.sessions.findByHash('f'.repeat(64)), undefined)
  },
  async 'ends the sessions of a revoked device, and no others'({ stores }) {
    await twoDevices(stores)
    await stores.devices.revoke('d1', 2000)
    equal(ids(await stores.sessions.list()), 's2')
    equal(await stores.sessions.findByHash('a'.repeat(64)), undefined)
  },
  async 'lists the sessions of one device, and ends one once'({ stores }) {
    await twoDevices(stores)
    equal(ids(await stores.sessions.list('d2')), 's2')
    equal([await stores.sessions.end('s2'), await stores.sessions.end('s2')], [true, false])
    equal(ids(await stores.sessions.list()), 's1')
  },
  async 'notes the latest use of a session, and forgets those that are over'({
    stores: { devices, sessions },
  }) {
    await devices.create(device())
    await sessions.create(session())
    for (const at of [3000, 2000]) await sessions.touch('s1', at)
    equal(await sessions.list(), [session({ lastUsedAt: 3000 })])
    await sessions.create(session({ id: 's2', hash: 'b'.repeat(64), createdAt: 9000, endsAt: 9900 }))
    equal(ids(await sessions.list()), 's2')
  },
  async 'has one pairing code, counts each try once, and gives it away once'({ stores: { pairing } }) {
    await pairing.offer(code({ hash: 'e'.repeat(64) }))
    await pairing.offer(code())
    equal(await pairing.current(), code())
    const counts = await Promise.all([pairing.count(code(), 3000), pairing.count(code(), 3000)])
    equal(counts.filter(Boolean).length, 1)
    equal(await pairing.current(), code({ tries: 1, nextTryAt: 3000 }))
    equal(await pairing.take('e'.repeat(64)), false)
    const taken = await Promise.all([pairing.take(code().hash), pairing.take(code().hash)])
    equal(taken.filter(Boolean).length, 1)
    equal(await pairing.current(), undefined)
  },
  async 'has a name of its own that stays'({ stores: { sessions } }) {
    const name = await sessions.instanceId()
    equal(/^[0-9a-f]{8}$/.test(name), true)
    equal(await sessions.instanceId(), name)
  },
  async 'notes until when a session has proved its second factor, which goes with its device'({ stores }) {
    await stores.devices.create(device())
    await stores.sessions.create(session())
    await stores.secondFactors.put({
      deviceId: device().id,
      sealed: 'x',
      lastStep: 0,
      tries: 0,
      nextTryAt: 0,
    })
    await stores.sessions.prove(session().id, 77)
    equal((await stores.sessions.list())[0]?.provenUntil, 77)
    await stores.devices.revoke(device().id, 5)
    equal(await stores.secondFactors.find(device().id), undefined)
  },
}
