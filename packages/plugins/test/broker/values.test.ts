import type { AuditEntry } from '@covent/core'
import { expect, it } from 'vitest'
import { pluginsConfig } from '../../src/config.ts'
import { type AskOptions, askBroker } from './ask-broker.ts'

const value = 'correct horse battery'
const reading = (options: Partial<AskOptions> = {}) => {
  const audited: AuditEntry[] = []
  const hidden: string[] = []
  const asking = askBroker({
    permissions: { 'data:secrets': { names: ['A', 'B'] }, 'process:env:read': { names: ['TZ', 'LANG'] } },
    settings: pluginsConfig.parse({ secrets: { 'acme.asker': ['A'] } }),
    audit: { note: (entry) => void audited.push(entry) },
    environment: { TZ: 'Europe/Vienna', HOME: '/root', LANG: undefined },
    wayOut: {
      egress: undefined as never,
      secrets: { get: async (name) => (name === 'A' || name === 'B' ? value : undefined) },
      mask: { hide: (text) => void hidden.push(text) },
    },
    ...options,
  })
  return { ...asking, audited, hidden }
}

it('reads the secrets that the manifest names and the operator left to it, and writes each reading down by name', async () => {
  const { ask, refusal, audited, hidden } = reading()
  expect(await ask('secrets.get', { name: 'A' })).toBe(value)
  expect(hidden).toEqual([value])
  const left = await refusal('secrets.get', { name: 'B' })
  expect(left).toMatchObject({
    code: 'plugin.permission-denied',
    message: expect.stringMatching(/"B" in the setting plugins\.secrets/) as string,
  })
  expect((await refusal('secrets.get', { name: 'C' })).message).toMatch(
    /data:secrets for C.*"names": \["C"\]/,
  )
  expect(audited.map(({ action, target, outcome }) => [action, target, outcome])).toEqual([
    ['secrets.get', 'A', 'allowed'],
    ['secrets.get', 'B', 'denied'],
    ['secrets.get', 'C', 'denied'],
  ])
  expect(JSON.stringify(audited)).not.toContain(value)
})

it('says which secret has no value', async () => {
  const { refusal } = reading({
    permissions: { 'data:secrets': { names: ['NONE'] } },
    settings: pluginsConfig.parse({ secrets: { 'acme.asker': ['NONE'] } }),
  })
  expect(await refusal('secrets.get', { name: 'NONE' })).toMatchObject({ code: 'config.secret-missing' })
})

it('reads the variables that the manifest names, and no others', async () => {
  const { ask, refusal } = reading()
  expect(await ask('env.get', { name: 'TZ' })).toBe('Europe/Vienna')
  expect(await ask('env.get', { name: 'LANG' })).toBeUndefined()
  for (const name of ['HOME', 'toString', '__proto__'])
    expect((await refusal('env.get', { name })).code).toBe('plugin.permission-denied')
})

it.each(['API_KEY', 'GITHUB_TOKEN', 'MY_SECRET_A', 'DB_PASSWORD', 'COVENT_HOME'])(
  'refuses a manifest that asks for the variable %s',
  (name) => {
    expect(() => reading({ permissions: { 'process:env:read': { names: [name] } } })).toThrow(/is refused/)
  },
)

/** Permission, scope of the manifest, method, parameters, and what the denial names. */
const rows: readonly (readonly [string, object, string, object, string])[] = [
  ['data:database', {}, 'kv.get', { key: 'a' }, 'kv.get'],
  ['data:secrets', { names: ['A'] }, 'secrets.get', { name: 'A' }, 'A'],
  ['process:env:read', { names: ['TZ'] }, 'env.get', { name: 'TZ' }, 'TZ'],
  ['net:dns', { names: ['a.example.org'] }, 'dns.resolve', { name: 'a.example.org' }, 'a.example.org'],
  [
    'net:outbound:https',
    { hosts: ['a.example.org'] },
    'http.fetch',
    { url: 'https://a.example.org/x', method: 'GET', headers: {} },
    'https://a.example.org',
  ],
  [
    'net:outbound:http',
    { hosts: ['a.example.org'] },
    'http.fetch',
    { url: 'http://a.example.org/x', method: 'GET', headers: {} },
    'http://a.example.org',
  ],
]

it.each(rows)('says what a denial of %s is about, and the line that would allow it', async (...row) => {
  const [permission, scope, method, params, target] = row
  const { refusal, denials, audited } = reading({ permissions: { [permission]: scope }, grants: [] })
  const { code, message = '' } = await refusal(method, params)
  expect(code).toBe('plugin.permission-denied')
  expect(message).toContain(`acme.asker may not use ${permission} for ${target}`)
  expect(message).toContain(`"${permission}": {`)
  expect(message).toContain('plugins.grants["acme.asker"]')
  expect(denials).toMatchObject([{ permission, target }])
  expect(audited).toMatchObject([{ action: method, target, outcome: 'denied', data: { permission } }])
})
