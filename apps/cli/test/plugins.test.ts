import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { covent, json, type Ran } from './support/command.ts'
import { startServer } from './support/server.ts'

const clock = join(import.meta.dirname, '../../../examples/plugins/clock/plugin.ts')
const tokyo = '{"timeZone":"Tokyo"}'

/** The clock as a stranger would have it, who also wants to keep notes. */
const strangersClock = (): string => {
  const folder = join(temporaryFolder(), 'clock')
  mkdirSync(folder)
  const text = readFileSync(clock, 'utf8')
    .replace('covent.clock', 'acme.clock')
    .replace("'what date is it'", "'zulu watch'")
    .replaceAll('get_current_time', 'zulu_time')
    .replace(
      "type: 'utility'",
      `type: 'extension', permissions: { optional: { 'data:database': { reason: 'Keep a note' } } }`,
    )
  writeFileSync(join(folder, 'plugin.ts'), text)
  return folder
}

const errorOf = (ran: Ran): unknown => json<{ error?: { code: string } }>(ran).error?.code

describeWith('bubblewrap', 'a plugin of a stranger', () => {
  it('is built, signed, trusted, installed into a running server, called, granted, revoked and uninstalled', async () => {
    const { home, server } = await startServer()
    const say = (...words: string[]) => covent(home, [...words, '--json'])
    const file = join(home, 'clock.tgz')
    await say('plugin', 'build', strangersClock(), '--out', file)
    const { publicKey, keyId } = json<{ publicKey: string; keyId: string }>(await say('plugin', 'keygen'))
    await say('plugin', 'sign', file)
    const install = (...words: string[]) => say('plugins', 'install', file, '--yes', ...words)
    expect(errorOf(await install())).toBe('plugin.signature-untrusted')
    await say('trust', 'add', publicKey, '--owner', 'Acme', '--namespace', 'acme.*')
    expect(json(await install())).toEqual({ id: 'acme.clock', version: '1.0.0', state: 'ready' })
    const listed = async () =>
      json<{ id: string; grants: string[]; isolation: string }[]>(await say('plugins', 'list')).find(
        ({ id }) => id === 'acme.clock',
      )
    expect(await listed()).toMatchObject({
      version: '1.0.0',
      state: 'ready',
      isolation: 'process',
      grants: [],
      trust: 'signed',
    })
    const called = await say('plugins', 'call', 'acme.clock', 'zulu_time', tokyo)
    expect([called.code, called.stdout]).toEqual([0, expect.stringMatching(/Asia\/Tokyo/) as string])
    expect(errorOf(await say('plugins', 'call', 'acme.clock', 'nothing', '{}'))).toBe('plugin.not-found')
    expect(json(await say('plugins', 'stats', 'acme.clock'))).toMatchObject({
      state: 'ready',
      starts: 1,
      parts: { 'action/zulu_time': { calls: 1, errors: 0 } },
    })
    expect((await covent(home, ['plugins', 'stats'])).stdout).toMatch(
      /acme\.clock.* 1\.0\.0 .*ready[^]*action\/zulu_time +1 calls, 0 failed; p50\/p95\/p99 .* ms/,
    )
    expect((await say('plugins', 'logs', 'acme.clock')).code).toBe(0)
    expect(errorOf(await say('plugins', 'logs', 'acme.none'))).toBe('plugin.not-found')
    expect(json(await say('plugins', 'grant', 'acme.clock', 'data:database'))).toMatchObject({
      grants: ['data:database'],
    })
    expect(await listed()).toMatchObject({ grants: ['data:database'] })
    expect(json(await say('plugins', 'revoke', 'acme.clock', 'all'))).toMatchObject({ grants: [] })
    expect(json(await say('plugins', 'grants', 'acme.clock'))).toMatchObject([
      { permission: 'data:database', state: 'denied' },
    ])
    expect(errorOf(await say('plugins', 'grant', 'acme.clock', 'process:shell'))).toBe('plugin.invalid')
    expect(json(await say('plugins', 'disable', 'acme.clock'))).toMatchObject({ state: 'disabled' })
    expect(errorOf(await say('plugins', 'call', 'acme.clock', 'zulu_time', tokyo))).toBe('plugin.unavailable')
    expect(json(await say('plugins', 'enable', 'acme.clock'))).toMatchObject({ state: 'ready' })
    await say('trust', 'remove', keyId, '--revoke')
    expect(await listed()).toMatchObject({ state: 'refused' })
    expect((await say('audit', 'tail', '--lines', '200')).stdout).toMatch(/trust\.add[^]*trust\.revoke/)
    expect(json(await say('plugins', 'uninstall', 'acme.clock'))).toEqual({
      id: 'acme.clock',
      uninstalled: true,
    })
    expect(await listed()).toBeUndefined()
    expect(errorOf(await say('plugins', 'show', 'acme.clock'))).toBe('plugin.not-found')
    await server.stop()
  })

  it('comes in unsigned by a word only, answers in the chat, and is refused after a restart when it was changed', async () => {
    const { home, server } = await startServer()
    const say = (...words: string[]) => covent(home, [...words, '--json'])
    const file = join(home, 'clock.tgz')
    await say('plugin', 'build', strangersClock(), '--out', file)
    const install = (...words: string[]) => say('plugins', 'install', file, ...words)
    expect(errorOf(await install('--allow-unsigned'))).toBe('request.malformed')
    expect(errorOf(await install('--yes'))).toBe('plugin.signature-missing')
    expect(json(await install('--yes', '--allow-unsigned', '--grant', 'all'))).toMatchObject({
      state: 'ready',
    })
    expect(json(await say('plugins', 'show', 'acme.clock'))).toMatchObject({
      trust: 'unverified',
      grants: ['data:database'],
    })
    const asked = await covent(home, ['chat', '--once', 'zulu watch in Tokyo'])
    expect(asked.stdout + asked.stderr).toMatch(/zulu_time .*Asia\/Tokyo/)
    await server.stop()
    writeFileSync(join(home, 'plugins/acme.clock/1.0.0/extra.md'), 'x')
    const again = await startServer({}, home)
    expect(json(await say('plugins', 'show', 'acme.clock'))).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/extra\.md/) as string,
    })
    await again.server.stop()
  })
})

it('plugins says how to start a server where none runs', async () => {
  const ran = await covent(temporaryFolder(), ['plugins', 'list', '--json'])
  expect([ran.code, errorOf(ran)]).toEqual([1, 'server.unreachable'])
})
