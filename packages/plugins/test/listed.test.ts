import { describeWith } from '@covent/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { pluginsConfig } from '../src/config.ts'
import { checkListed } from '../src/host/source/trust.ts'
import { packed, trustingHost } from './package/noter.ts'
import { pluginSource } from './start-host.ts'

const none = { allowUnsigned: false, grant: [] }

describe('the operator’s lists', () => {
  const check =
    (id: string, lists: object, trust: 'signed' | 'first-party' = 'signed') =>
    () =>
      checkListed(id, trust, pluginsConfig.parse(lists))

  it('let everything in that they do not keep out', () => {
    expect(check('acme.noter', {})).not.toThrow()
    expect(check('acme.noter', { allow: ['acme.*'] })).not.toThrow()
    expect(check('acme.noter', { allow: ['acme.noter'], deny: ['evil.*'] })).not.toThrow()
    expect(check('covent.clock', { allow: ['acme.*'] }, 'first-party')).not.toThrow()
  })

  it.each([
    ['acme.noter', { allow: ['other.*'] }, /the setting plugins\.allow/],
    ['acme.noter', { allow: [] }, /the setting plugins\.allow/],
    ['acmeevil.noter', { allow: ['acme.*'] }, /the setting plugins\.allow/],
    ['acme.noter.more', { allow: ['acme.noter'] }, /the setting plugins\.allow/],
    [
      'acme.noter',
      { allow: ['acme.*'], deny: ['acme.noter'] },
      /the setting plugins\.deny names acme\.noter/,
    ],
    ['acme.noter', { deny: ['acme.*'] }, /the setting plugins\.deny names acme\.\*/],
  ])('keep %s out by %j', (id, lists, why) => {
    expect(check(id, lists)).toThrow(why)
  })

  it('keep out what ships with the server only where they name it', () => {
    expect(check('covent.clock', { deny: ['covent.clock'] }, 'first-party')).toThrow(/plugins\.deny/)
  })
})

describeWith('bubblewrap', 'the operator’s lists at a server', () => {
  let one: Uint8Array
  beforeAll(async () => {
    one = await packed('1.0.0')
  })

  it('hold at an install, at a load and when a plugin is enabled', async () => {
    const refused = { code: 'plugin.not-allowed' }
    const first = await trustingHost({ plugins: { allow: ['other.*'] } })
    await expect(first.registry.install(one, none)).rejects.toMatchObject(refused)
    const { host, registry, home, records } = await trustingHost()
    await registry.install(one, none)
    await host.stop?.()
    const denying = await trustingHost({ home, records, plugins: { deny: ['acme.*'] } })
    expect(denying.host.list()).toMatchObject([{ state: 'refused', reason: /plugins\.deny names acme/ }])
    await denying.registry.disable('acme.noter')
    await expect(denying.registry.enable('acme.noter')).rejects.toMatchObject(refused)
  })

  it('hold for a plugin in a folder', async () => {
    const installed = { noter: pluginSource('acme.noter', { actions: { echo: 'return input' } }) }
    const { host } = await trustingHost({ installed, plugins: { allowUnsigned: true, deny: ['acme.noter'] } })
    expect(host.list()).toMatchObject([{ state: 'refused', reason: /plugins\.deny/ }])
  })
})
