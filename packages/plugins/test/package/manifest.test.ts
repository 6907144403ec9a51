import { describe, expect, it } from 'vitest'
import { readPackage } from '../../src/package.ts'
import { readManifest } from '../../src/package/read-manifest.ts'
import { PluginError } from '@covent/core'
import { bytesOf, packageOf } from './support.ts'

const read = (fields: object): unknown =>
  readManifest(
    {
      manifestVersion: 1,
      id: 'acme.clock',
      version: '1.0.0',
      type: 'extension',
      description: 'Made for a test of manifests.',
      ...fields,
    },
    (why) => new PluginError('plugin.invalid', why),
  )

const asking = (permission: string, scope: object = {}): object => ({
  permissions: { required: { [permission]: { reason: 'It is needed', ...scope } } },
})

describe('a manifest', () => {
  it.each([
    ['process:shell', /ask for process:spawn/],
    ['system:native', /native code would leave its sandbox/],
    ['system:ffi', /native libraries/],
    ['system:gpu', /graphics device/],
    ['ai:training', /ask for ai:inference/],
  ])('is refused with a word why where it asks for %s', (permission, why) => {
    expect(() => read(asking(permission))).toThrow(why)
  })

  it.each(['*.github.io', '*.co.uk', '*.github.io:8443', '*.s3.amazonaws.com'])(
    'is refused with the host %s, below which anybody registers names',
    (host) => {
      for (const scope of [
        asking('net:outbound:https', { hosts: [host] }),
        asking('net:outbound:websocket', { hosts: [host] }),
        asking('net:dns', { names: [host] }),
        { secrets: { KEY: { description: 'A key', inject: { header: 'x-key', hosts: [host] } } } },
      ])
        expect(() => read(scope)).toThrow(/names that anybody can register/)
    },
  )

  it.each(['*.acme.github.io', '*.acme.co.uk', 'acme.github.io', '*.acme.com'])('may name %s', (host) => {
    expect(() => read(asking('net:outbound:https', { hosts: [host] }))).not.toThrow()
  })
})

const secretOf = (inject: object): object => ({ secrets: { KEY: { description: 'A key', inject } } })
const action = (name: string): object => ({
  name,
  description: 'Does it',
  effect: 'read',
  input: {},
  output: {},
})
const nested = (depth: number): object => (depth === 0 ? {} : { items: nested(depth - 1) })

describe('a hostile manifest', () => {
  it.each<[string, object, RegExp]>([
    [
      'a format that took a pattern four minutes',
      secretOf({ header: 'x-key', format: `${'{value}'.repeat(140_000)}é`, hosts: ['x.com'] }),
      /more than 10000 characters/,
    ],
    [
      'the same within the bounds of a text',
      secretOf({ header: 'x-key', format: `${'{value}'.repeat(1_400)}é`, hosts: ['x.com'] }),
      /secrets.KEY.inject.format/,
    ],
    ['a text without end', { description: 'x'.repeat(1_000_000) }, /more than 10000 characters/],
    [
      'a hundred thousand secrets',
      { secrets: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`S${n}`, {}])) },
      /more than 2000 members/,
    ],
    ['depth without end', { config: nested(10_000) }, /nested more than 64 deep/],
    [
      'parts without end',
      { config: { anyOf: Array.from({ length: 1_900 }, () => Array.from({ length: 100 }, () => 1)) } },
      /more than 50000 parts/,
    ],
    [
      'many dependencies',
      { dependsOn: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`acme.p${n}`, '^1.0.0'])) },
      /at most 32/,
    ],
  ])('is refused within milliseconds with %s', (_, fields, why) => {
    const startedAt = performance.now()
    expect(() => read(fields)).toThrow(why)
    expect(performance.now() - startedAt).toBeLessThan(500)
  })

  it.each<[string, object]>([
    ['turned text in a reason', { permissions: { required: { 'data:database': { reason: 'a\u202eb c' } } } }],
    ['a text in tags, which models read', { description: 'Tells the weather.\u{e0049}\u{e0067}' }],
    [
      'room without width in a schema',
      { contributes: { actions: [{ ...action('a'), input: { description: 'a\u200bb' } }] } },
    ],
  ])('is refused with %s', (_, fields) => {
    expect(() => read(fields)).toThrow(/nobody sees/)
  })

  it('may hold joined emoji and other alphabets', () => {
    expect(() => read({ title: 'می‌خواهم 👩‍🚀', description: 'Погода: das Wetter, 天気です 👩‍🚀' })).not.toThrow()
  })

  it.each<[string, object, RegExp]>([
    ['a control character in a reason', asking('data:database', { reason: 'a\u001b[2Jb' }), /./],
    ['a version that npm cannot order', { version: '1.0.0-..' }, /is no version/],
    ['a version beyond numbers', { version: '99999999999999999999.0.0' }, /is no version/],
    ['port 0', asking('net:outbound:https', { hosts: ['x.com:0'] }), /a port is/],
    ['port 99999', asking('net:outbound:https', { hosts: ['x.com:99999'] }), /a port is/],
    [
      'two actions of one name',
      { contributes: { actions: [action('send'), { ...action('send'), effect: 'exec' }] } },
      /share a name/,
    ],
    [
      'words on its reach that its permissions belie',
      { ...asking('net:outbound:https', { hosts: ['x.com'] }), isolation: { network: 'none' } },
      /network and filesystem/,
    ],
  ])('is refused with %s', (_, fields, why) => {
    expect(() => read(fields)).toThrow(why)
  })

  it('is refused with one permission twice, since both scopes would be given by one name', () => {
    const scope = (host: string) => ({ 'net:outbound:https': { hosts: [host], reason: 'It is needed' } })
    const permissions = { required: scope('a.com'), optional: scope('evil.com') }
    expect(() => read({ permissions })).toThrow(/required or optional, not both/)
  })
})

describe('the files of a package', () => {
  it.each(['README.md', 'CHANGELOG.md', 'sbom.cdx.json', 'assets/icons/a.svg'])('may be %s', async (name) => {
    const { files } = await readPackage(packageOf({}, new Map([[name, bytesOf('x')]])))
    expect(Object.keys(files)).toContain(name)
  })

  it.each(['native.node', 'second.mjs', 'package.json', 'docs/README.md', 'assets'])(
    'cannot be %s',
    (name) => {
      expect(() => packageOf({}, new Map([[name, bytesOf('x')]]))).toThrow(/is no file of a package/)
    },
  )
})
