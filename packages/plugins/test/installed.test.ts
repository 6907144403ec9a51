import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type PluginRecord, silentLogger, systemClock } from '@covent/core'
import { describeWith, temporaryFolder } from '@covent/testing'
import { beforeAll, expect, it } from 'vitest'
import { installedPlugins } from '../src/host/registry/installed-plugins.ts'
import { installedStore } from '../src/package/installed-store.ts'
import { keyIdOf, readPackage, trustStore } from '../src/package.ts'
import { memoryPlugins } from './memory-plugins.ts'
import { now, packed, publicKey } from './package/noter.ts'
import { startHost } from './start-host.ts'

describeWith('bubblewrap', 'an installed plugin', () => {
  let one: Uint8Array
  beforeAll(async () => {
    one = await packed('1.0.0')
  })

  /** The plugin as an install leaves it. */
  const copied = async () => {
    const home = temporaryFolder()
    await trustStore(home).add(publicKey, { owner: 'Acme', namespaces: ['acme.*'], now })
    await installedStore(home).write(await readPackage(one))
    return { home, folder: join(home, 'plugins', 'acme.noter', '1.0.0'), record: await recordOf(one) }
  }
  const recordOf = async (packed: Uint8Array): Promise<PluginRecord> => {
    const { digest, plugin } = await readPackage(packed)
    const { id, version } = plugin
    return { id, version, digest, keyId: keyIdOf(publicKey), enabled: true, installedAt: now }
  }
  const reading = ({
    home,
    record,
  }: {
    readonly home: string
    readonly record: PluginRecord
  }): Promise<unknown> => {
    const parts = { store: memoryPlugins(), files: installedStore(home), trust: trustStore(home) }
    return installedPlugins({ ...parts, logger: silentLogger, clock: systemClock }).read(record)
  }

  const flip = (path: string): void => {
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
  }
  const elsewhere = async (folder: string, other: Uint8Array): Promise<void> => {
    const { contents } = await readPackage(other)
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    for (const [name, bytes] of contents) writeFileSync(join(folder, name), bytes)
  }

  it('reads what nobody touched', async () => {
    const made = await copied()
    await expect(reading(made)).resolves.toMatchObject({ digest: made.record.digest })
  })

  it('never runs what was changed, and says why it is refused', async () => {
    const { home, folder, record } = await copied()
    const records = memoryPlugins()
    await records.put(record)
    flip(join(folder, 'plugin.mjs'))
    const { host, refusal } = await startHost({ home, records })
    expect(host.list()).toMatchObject([
      {
        id: 'acme.noter',
        version: '1.0.0',
        state: 'refused',
        reason: expect.stringMatching(/plugin\.mjs is not/) as string,
      },
    ])
    expect(await refusal('acme.noter', 'echo')).toBe('plugin.unavailable')
    expect(await host.registry.show('acme.noter')).toMatchObject({
      state: 'refused',
      package: { permissions: [] },
    })
    await host.registry.uninstall('acme.noter')
    expect(host.list()).toEqual([])
  })

  it.each<[string, RegExp, (folder: string) => Promise<void> | void]>([
    [
      'a changed byte of the code',
      /plugin\.mjs is not the file/,
      (folder) => flip(join(folder, 'plugin.mjs')),
    ],
    ['a changed byte of the signature', /signature/, (folder) => flip(join(folder, 'plugin.json.sig'))],
    [
      'a manifest that grants itself less to show',
      /plugin\.json/,
      (folder) =>
        writeFileSync(
          join(folder, 'plugin.json'),
          readFileSync(join(folder, 'plugin.json'), 'utf8').replace('Keep a note', 'Keep nothing'),
        ),
    ],
    [
      'no signature',
      /installed as signed by ed25519/,
      (folder) => unlinkSync(join(folder, 'plugin.json.sig')),
    ],
    ['an extra file', /extra\.md is not listed/, (folder) => writeFileSync(join(folder, 'extra.md'), 'x')],
    [
      'an extra file with a hidden name',
      /\.npmrc is not listed/,
      (folder) => writeFileSync(join(folder, '.npmrc'), 'x'),
    ],
    ['a missing file', /plugin\.mjs is missing/, (folder) => unlinkSync(join(folder, 'plugin.mjs'))],
    [
      'a link in place of its code',
      /is a link/,
      (folder) => {
        cpSync(join(folder, 'plugin.mjs'), `${folder}.copy`)
        unlinkSync(join(folder, 'plugin.mjs'))
        symlinkSync(`${folder}.copy`, join(folder, 'plugin.mjs'))
      },
    ],
    [
      'a link in place of its folder',
      /is a link/,
      (folder) => {
        cpSync(folder, `${folder}.copy`, { recursive: true })
        rmSync(folder, { recursive: true })
        symlinkSync(`${folder}.copy`, folder)
      },
    ],
    ['no folder', /cannot be read/, (folder) => rmSync(folder, { recursive: true })],
    [
      'an older version, signed as well',
      /of version 0\.9\.0, not 1\.0\.0/,
      async (folder) => elsewhere(folder, await packed('0.9.0')),
    ],
    [
      'the same version with other contents, signed as well',
      /not the one that was installed/,
      async (folder) => elsewhere(folder, await packed('1.0.0', { more: '\n// more' })),
    ],
    [
      'another plugin of the same signer',
      /is of acme\.other/,
      async (folder) => elsewhere(folder, await packed('1.0.0', { id: 'acme.other' })),
    ],
    [
      'a revoked key',
      /which was revoked/,
      (folder) => trustStore(join(folder, '..', '..', '..')).revoke(keyIdOf(publicKey), now),
    ],
    [
      'a key that is no longer trusted',
      /not in the trust store/,
      (folder) => trustStore(join(folder, '..', '..', '..')).remove(keyIdOf(publicKey)),
    ],
  ])('refuses %s', async (_, reason, tamper) => {
    const made = await copied()
    await tamper(made.folder)
    await expect(reading(made)).rejects.toMatchObject({
      code: expect.stringMatching(/^plugin\.(integrity-broken|signature-)/) as string,
      message: expect.stringMatching(reason) as string,
    })
  })

  it('refuses a record of another key', async () => {
    const { home, record } = await copied()
    const other = { ...record, keyId: 'ed25519:SHA256:x' }
    await expect(reading({ home, record: other })).rejects.toMatchObject({ code: 'plugin.integrity-broken' })
  })

  it('keeps what it installs closed to everybody else', async () => {
    const { folder } = await copied()
    const modeOf = (path: string): number => statSync(join(folder, path)).mode & 0o777
    expect([modeOf('.'), modeOf('plugin.mjs')]).toEqual([0o700, 0o600])
  })
})
