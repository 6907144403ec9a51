import { readFileSync } from 'node:fs'
import { type AuditEntry, EgressError } from '@covent/core'
import { manifestSchema } from '@covent/plugin-sdk/manifest'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { brokerMethods, type BrokerOptions } from '../../src/host/broker/broker.ts'
import { pluginsConfig } from '../../src/config.ts'
import { askBroker } from './ask-broker.ts'

/** Nothing of it is reached by what is refused; a call of it would throw. */
const absent = undefined as never
const services = {
  wayOut: { egress: absent, secrets: { get: async () => undefined } },
  files: {} as never,
  mind: {} as never,
  runProgram: () => Promise.reject(new Error('a program was run')),
} satisfies Partial<BrokerOptions>

const url = 'https://api.example.org/a'
const file = (facet: string, path: string) => ({ facet, path })
const bytes = new Uint8Array()

/** What a plugin asks for, by which permission it is refused, for what, and the scope that would allow it. */
const rows: readonly (readonly [
  method: string,
  params: object,
  permission: string,
  target: string,
  scope: object,
])[] = [
  ['kv.get', { key: 'a' }, 'data:database', 'kv.get', {}],
  ['kv.set', { key: 'a', value: 1 }, 'data:database', 'kv.set', {}],
  ['kv.delete', { key: 'a' }, 'data:database', 'kv.delete', {}],
  ['kv.list', {}, 'data:database', 'kv.list', {}],
  ['kv.compareAndSet', { key: 'a' }, 'data:database', 'kv.compareAndSet', {}],
  ['http.fetch', { url }, 'net:outbound:https', 'https://api.example.org', { hosts: ['api.example.org'] }],
  [
    'http.fetch',
    { url: 'http://a.example.org/' },
    'net:outbound:http',
    'http://a.example.org',
    { hosts: ['a.example.org'] },
  ],
  ['dns.resolve', { name: 'a.example.org' }, 'net:dns', 'a.example.org', { names: ['a.example.org'] }],
  [
    'ws.connect',
    { url: 'wss://a.example.org/' },
    'net:outbound:websocket',
    'wss://a.example.org',
    { hosts: ['a.example.org'] },
  ],
  ['ws.send', { socket: 0, message: '' }, 'net:outbound:websocket', 'ws.send', {}],
  ['ws.receive', { socket: 0 }, 'net:outbound:websocket', 'ws.receive', {}],
  ['ws.close', { socket: 0 }, 'net:outbound:websocket', 'ws.close', {}],
  ['env.get', { name: 'TZ' }, 'process:env:read', 'TZ', { names: ['TZ'] }],
  ['secrets.get', { name: 'A' }, 'data:secrets', 'A', { names: ['A'] }],
  ['files.read', file('workspace', 'a'), 'fs:read:workspace', 'a', { paths: ['a'] }],
  ['files.read', file('files', '~/a'), 'fs:read:home', '~/a', { paths: ['a'] }],
  ['files.read', file('files', '/srv/a'), 'fs:read:system', '/srv/a', { paths: ['/srv/a'] }],
  ['files.list', file('workspace', 'a'), 'fs:read:workspace', 'a', { paths: ['a'] }],
  ['files.stat', file('workspace', 'a'), 'fs:read:workspace', 'a', { paths: ['a'] }],
  ['files.write', { ...file('workspace', 'a'), bytes }, 'fs:write:workspace', 'a', { paths: ['a'] }],
  ['files.write', { ...file('tmp', 'a'), bytes }, 'fs:write:temp', 'a', {}],
  ['files.write', { ...file('files', '/srv/a'), bytes }, 'fs:write:any', '/srv/a', { paths: ['/srv/a'] }],
  ['files.makeFolder', file('workspace', 'a'), 'fs:write:workspace', 'a', { paths: ['a'] }],
  ['files.remove', file('workspace', 'a'), 'fs:write:workspace', 'a', { paths: ['a'] }],
  ['ai.generate', { prompt: 'a', model: 'm' }, 'ai:inference', 'm', { models: ['m'] }],
  ['embeddings.embed', { texts: ['a'], model: 'm' }, 'ai:embedding', 'm', { models: ['m'] }],
  ['memory.search', { query: 'a' }, 'data:memory', 'ctx.memory.search', { access: 'read' }],
  ['memory.add', { text: 'a' }, 'data:memory', 'ctx.memory.add', { access: 'write' }],
  ['process.run', { command: 'git', args: [] }, 'process:spawn', 'git', { commands: ['git'] }],
]

/** Permissions that no method of the broker asks for, and what holds them. */
const heldElsewhere: Readonly<Record<string, string>> = {
  'net:inbound:listen': 'routes.test.ts: routes are mounted only with the grant',
  'process:env:write': 'permissions.md: there is nothing to give; a plugin changes its own process alone',
}

it.each(rows)('refuses %s (%o) without a grant, and says so everywhere', async (...row) => {
  const [method, params, permission, target, scope] = row
  const audited: AuditEntry[] = []
  const audit = { note: (entry: AuditEntry) => void audited.push(entry) }
  const { refusal, denials, asker } = askBroker({ ...services, audit })
  const error = await refusal(method, params)
  const line = `"${permission}": ${JSON.stringify({ ...scope, reason: '…' })}`
  const plain = (text = ''): string => text.replaceAll(/\s/g, '')
  expect(error.code).toBe('plugin.permission-denied')
  expect(plain(error.message)).toContain(plain(`may not use ${permission} for ${target}; it takes ${line}`))
  expect(denials).toMatchObject([{ plugin: asker.id, permission, target }])
  expect(plain(denials[0]!.allowedBy)).toContain(plain(line))
  expect(audited).toMatchObject([
    {
      actor: { kind: 'plugin', id: asker.id },
      action: method,
      target,
      outcome: 'denied',
      code: 'plugin.permission-denied',
      data: { permission, principalId: 'anna', callId: 'call' },
    },
  ])
})

it('has such a row for each method of the broker, and no method that needs no permission', () => {
  const options = { ...services, settings: pluginsConfig.parse({}) } as unknown as BrokerOptions
  const methods = brokerMethods(options, absent)
  expect([...new Set(rows.map(([method]) => method))].toSorted()).toEqual([...methods.keys()].toSorted())
  expect([...methods].filter(([, { permission }]) => permission === undefined)).toEqual([])
})

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>
  readonly not?: object
}
const known = Object.entries(
  (z.toJSONSchema(manifestSchema, { io: 'input' }) as unknown as Schema).properties['permissions']!
    .properties['required']!.properties,
)
const refused = known.filter(([, { not }]) => not !== undefined).map(([name]) => name)

it('enforces or refuses each permission that a manifest may name', () => {
  const enforced = new Set([...rows.map(([, , permission]) => permission), ...Object.keys(heldElsewhere)])
  expect([...enforced, ...refused].toSorted()).toEqual(known.map(([name]) => name).toSorted())
})

it('tells of exactly these on the page of permissions', () => {
  const page = readFileSync(new URL('../../../../docs/plugins/permissions.md', import.meta.url), 'utf8')
  const names = (text: string): readonly string[] =>
    [...text.matchAll(/`([a-z]+(?::[a-z]+)+)`/g)].map(([, name]) => name!)
  const table = page.split('\n').filter((line) => /^\| `[a-z]+:/.test(line))
  const listed = table.flatMap((line) => names(line.split('|')[1]!))
  const sentence = page.split('\n').find((line) => line.includes('names are [refused]'))
  expect(listed.toSorted()).toEqual(
    known
      .map(([name]) => name)
      .filter((name) => !refused.includes(name))
      .toSorted(),
  )
  expect(names(sentence!).toSorted()).toEqual(refused.toSorted())
})

it('gives out no variable that holds a secret by its name, whatever a manifest says', async () => {
  const environment = { OPENAI_API_KEY: 'canary-3301', COVENT_HOME: '/srv' }
  const permissions = { 'process:env:read': { names: ['TZ'] } }
  const { refusal } = askBroker({ ...services, environment, permissions })
  for (const name of Object.keys(environment))
    expect((await refusal('env.get', { name })).message).toMatch(/is given to no plugin/)
})

it('tells a refused address of plain http by the permission for http', async () => {
  const data = { host: 'a.example.org', canBeAllowed: true }
  const fetch = () => Promise.reject(new EgressError('egress.address-refused', 'private', { data }))
  const wayOut = { ...services.wayOut, egress: { fetch } as never }
  const permissions = {
    'net:outbound:http': { hosts: ['a.example.org'] },
    'net:outbound:https': { hosts: ['a.example.org'] },
  }
  const { refusal } = askBroker({ wayOut, permissions })
  for (const scheme of ['http', 'https'])
    expect(
      (await refusal('http.fetch', { url: `${scheme}://a.example.org/`, method: 'GET', headers: {} }))
        .message,
    ).toMatch(new RegExp(`may not use net:outbound:${scheme} for a\\.example\\.org`))
})
