import type { KeptPlugin, PluginGrant, PluginRecord } from '@covent/core'
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

const kept = (fields: Partial<KeptPlugin> = {}): KeptPlugin => ({
  id: 'acme.clock',
  version: '0.9.0',
  digest: 'c'.repeat(64),
  keyId: 'ed25519:SHA256:key',
  role: 'previous',
  keptAt: 1000,
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
  async 'keeps versions beside the one in force, the latest kept first'({ stores: { plugins } }) {
    const { keyId: _, ...pending } = kept({ version: '2.0.0', role: 'pending', keptAt: 2000 })
    await plugins.keep(kept({ role: 'pending' }))
    await plugins.keep(kept())
    await plugins.keep(pending)
    await plugins.keep(kept({ id: 'acme.weather', role: 'pending' }))
    equal(await plugins.kept('acme.clock'), [pending, kept()])
    equal(ids(await plugins.pending()), 'acme.clock acme.weather')
  },
  async 'drops a version with what was decided of it, unless it is in force'({ stores: { plugins } }) {
    await plugins.put(record())
    await plugins.keep(kept({ version: '1.0.0', digest }))
    await plugins.keep(kept())
    for (const one of [digest, kept().digest]) await plugins.decide(grant({ digest: one }))
    await plugins.drop('acme.clock', '1.0.0')
    await plugins.drop('acme.clock', '0.9.0')
    equal(await plugins.kept('acme.clock'), [])
    equal(await plugins.grants('acme.clock', digest), [grant()])
    equal(await plugins.grants('acme.clock', kept().digest), [])
  },
  async 'forgets with a plugin what was decided of it'({ stores: { plugins } }) {
    await plugins.put(record())
    await plugins.decide(grant())
    await plugins.decide(grant({ plugin: 'acme.weather' }))
    await plugins.keep(kept())
    equal(await plugins.remove('acme.clock'), true)
    equal(await plugins.remove('acme.clock'), false)
    equal(await plugins.grants('acme.clock', digest), [])
    equal(await plugins.kept('acme.clock'), [])
    equal((await plugins.grants('acme.weather', digest)).length, 1)
  },
}
