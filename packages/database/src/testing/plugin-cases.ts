import type { PluginGrant, PluginRecord } from '@covent/core'
import { equal, ids } from './assert.ts'
import type { Cases } from './stores-suite.ts'

const digest = 'd'.repeat(64)

const record = (fields: Partial<PluginRecord> = {}): PluginRecord => ({
  id: 'acme.clock',
  version: '1.0.0',
  digest,
  keyId: 'ed25519:SHA256:key',
  enabled: true,
  installedAt: 1000,
  ...fields,
})

const grant = (fields: Partial<PluginGrant> = {}): PluginGrant => ({
  plugin: 'acme.clock',
  digest,
  permission: 'data:database',
  granted: true,
  decidedAt: 1000,
  ...fields,
})

export const pluginCases: Cases = {
  async 'keeps one version of each plugin, with all that it has'({ stores: { plugins } }) {
    await plugins.put(record({ id: 'acme.weather' }))
    await plugins.put(record())
    const { keyId: _, ...unsigned } = record({ version: '1.1.0', enabled: false, installedAt: 2000 })
    await plugins.put(unsigned)
    equal(await plugins.find('acme.clock'), unsigned)
    equal(await plugins.find('acme.none'), undefined)
    equal(ids(await plugins.list()), 'acme.clock acme.weather')
  },
  async 'binds decisions to the artifact, and the latest counts'({ stores: { plugins } }) {
    await plugins.decide(grant())
    await plugins.decide(grant({ permission: 'ai:inference', granted: false }))
    await plugins.decide(grant({ granted: false, decidedAt: 2000 }))
    await plugins.decide(grant({ digest: 'e'.repeat(64) }))
    equal(await plugins.grants('acme.clock', digest), [
      grant({ permission: 'ai:inference', granted: false }),
      grant({ granted: false, decidedAt: 2000 }),
    ])
    equal(await plugins.grants('acme.other', digest), [])
  },
  async 'forgets with a plugin what was decided of it'({ stores: { plugins } }) {
    await plugins.put(record())
    await plugins.decide(grant())
    await plugins.decide(grant({ plugin: 'acme.weather' }))
    equal(await plugins.remove('acme.clock'), true)
    equal(await plugins.remove('acme.clock'), false)
    equal(await plugins.grants('acme.clock', digest), [])
    equal((await plugins.grants('acme.weather', digest)).length, 1)
  },
}
