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
  permissions: { required: { [permission]: { ...scope, reason: 'It is needed' } } },
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
