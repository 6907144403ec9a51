import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { overSocket, startServer } from './support.ts'

/** A home whose server kept a secret and has stopped. */
const homeWithSecret = async () => {
  const home = temporaryFolder()
  const server = await startServer(home)
  const set = { method: 'POST', path: '/api/secrets', body: { name: 'KEPT', value: 'canary-e2e' } }
  const { keyId } = JSON.parse((await overSocket(home, set)).text) as { keyId: string }
  expect(await server.stop()).toBe(0)
  const lost = join(home, 'lost.key')
  renameSync(join(home, 'keys', 'master.key'), lost)
  return { home, keyId, lost, own: join(home, 'keys', 'master.key') }
}

it('does not start without the master key of its secrets, nor with another, and names the one that is missing', async () => {
  const { home, keyId, own, lost } = await homeWithSecret()
  await expect(startServer(home)).rejects.toThrow(new RegExp(`ended with 1.*${own}.*${keyId}`, 's'))
  expect(existsSync(own)).toBe(false)
  const other = randomBytes(32).toString('base64')
  writeFileSync(own, other)
  await expect(startServer(home)).rejects.toThrow(new RegExp(`ended with 1.*${keyId}.*${own}`, 's'))
  expect(readFileSync(own, 'utf8')).toBe(other)
  await expect(startServer(home, { COVENT_MASTER_KEY: other })).rejects.toThrow(keyId)
  renameSync(lost, own)
  const server = await startServer(home)
  expect(server.lines.join('\n')).not.toContain('was generated')
}, 40_000)

it('starts sealed where that is wanted: alive, not ready, and of no use to who asks for a secret', async () => {
  const { home, keyId } = await homeWithSecret()
  const { ready, lines } = await startServer(home, { COVENT_SECURE_STORAGE__START_SEALED: 'true' })
  const status = async (path: string): Promise<number> => (await fetch(ready.url + path)).status
  expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 503])
  const set = { method: 'POST', path: '/api/secrets', body: { name: 'NEW', value: 'canary-new' } }
  const answer = await overSocket(home, set)
  expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('the server has no master key')])
  const report = await overSocket(home, { method: 'GET', path: '/health' })
  expect(report.text).toContain(keyId)
  expect(readdirSync(join(home, 'keys'))).not.toContain('master.key')
  expect(lines.join('\n')).not.toContain('canary')
})

it('makes no new key for a home that keeps no secrets, but an audit under the lost one', async () => {
  const home = temporaryFolder()
  const server = await startServer(home)
  const keyId = /"keyId":"([\da-f]{16})"/.exec(server.lines.join('\n'))![1]!
  expect(await server.stop()).toBe(0)
  const own = join(home, 'keys', 'master.key')
  const kept = readFileSync(own)
  rmSync(own)
  await expect(startServer(home)).rejects.toThrow(new RegExp(`ended with 1.*${own}.*${keyId}`, 's'))
  expect(existsSync(own)).toBe(false)
  writeFileSync(own, kept)
  expect(await (await startServer(home)).stop()).toBe(0)
})

it('tells at the first start where the master key lies, and to back it up', async () => {
  const home = temporaryFolder()
  const { lines } = await startServer(home)
  const told = lines.find((line) => line.includes('back it up'))
  expect(told).toContain(join(home, 'keys', 'master.key'))
  rmSync(join(home, 'keys'), { recursive: true })
})

it('keeps secrets in the database where that is wanted, under a key that it does not make', async () => {
  const home = temporaryFolder()
  const env = { COVENT_SECURE_STORAGE__DRIVER: 'store' }
  await expect(startServer(home, env)).rejects.toThrow(/openssl rand.*secureStorage\.keyFile/)
  const withKey = { ...env, COVENT_MASTER_KEY: randomBytes(32).toString('base64') }
  const server = await startServer(home, withKey)
  const set = { method: 'POST', path: '/api/secrets', body: { name: 'SHARED', value: 'canary-store' } }
  expect((await overSocket(home, set)).status).toBe(200)
  await server.stop()
  expect(readdirSync(join(home, 'data'))).not.toContain('secrets.json')
  await expect(
    startServer(home, { ...env, COVENT_MASTER_KEY: randomBytes(32).toString('base64') }),
  ).rejects.toThrow('what this home keeps lies under the key')
  await startServer(home, withKey)
  const value = { method: 'POST', path: '/api/secrets/SHARED/verify', body: { value: 'canary-store' } }
  expect((await overSocket(home, value)).text).toBe('{"isSame":true}')
  const entries = readdirSync(join(home, 'data'), { recursive: true, withFileTypes: true })
  for (const file of entries.filter((entry) => entry.isFile()))
    expect(readFileSync(join(file.parentPath, file.name)).includes('canary-store')).toBe(false)
}, 40_000)
