import { describe, expect, it } from 'vitest'
import { manifestSchema, permissionWords, secretWords } from '../src/manifest.ts'

const hosts = ['api.open-meteo.com']
const reason = 'It is needed'

const manifest = (required: object, more: object = {}) =>
  manifestSchema.parse({
    manifestVersion: 1,
    id: 'acme.weather',
    version: '1.0.0',
    type: 'extension',
    description: 'Tells the weather.',
    permissions: { required },
    ...more,
  })

const wordsOf = (permission: string, scope: object, others: object = {}) =>
  permissionWords(
    manifest({ [permission]: { ...scope, reason }, ...others }),
    permission,
    scope as Record<string, unknown>,
  )

describe('a permission in words', () => {
  it.each<[string, object, string, string]>([
    ['net:outbound:https', { hosts }, 'medium', 'send data to and receive data from api.open-meteo.com'],
    [
      'net:outbound:http',
      { hosts },
      'high',
      'send data to and receive data from api.open-meteo.com without encryption',
    ],
    ['process:spawn', { commands: ['git'] }, 'extreme', 'run the programs git'],
    ['fs:read:workspace', {}, 'medium', 'read files in the agent’s workspace'],
    ['fs:read:workspace', { paths: ['notes'] }, 'medium', 'read files in the agent’s workspace (notes)'],
    ['ai:inference', { maxTokensPerDay: 100 }, 'medium', 'use the AI model (up to 100 tokens a day)'],
    ['data:database', {}, 'low', 'store its own data'],
    ['data:memory', { access: 'read' }, 'medium', 'read what you told the agent in this conversation'],
    [
      'data:memory',
      { access: 'readwrite', conversations: 'all' },
      'high',
      'read and change what you told the agent in all of your conversations',
    ],
    ['data:secrets', { names: ['KEY'] }, 'high', 'read the secrets KEY'],
  ])('%s %j is of %s risk', (...[permission, scope, risk, sentence]) => {
    expect(wordsOf(permission, scope)).toEqual({ risk, sentence })
  })

  it.each(['net:outbound:https', 'net:outbound:http', 'net:outbound:websocket'])(
    'that reads what is yours is of high risk beside %s, wherever that stands',
    (outbound) => {
      const sends = {
        risk: 'high',
        sentence: expect.stringMatching(/can send what it reads to api\.o/) as string,
      }
      const net = { [outbound]: { hosts, reason } }
      expect(wordsOf('data:memory', { access: 'read' }, net)).toEqual(sends)
      expect(wordsOf('data:secrets', { names: ['KEY'] }, net)).toEqual(sends)
      expect(wordsOf('data:memory', { access: 'write' }, net).risk).toBe('medium')
      const asked = manifest({ 'data:secrets': { names: ['KEY'], reason } })
      const later = {
        ...asked,
        permissions: { ...asked.permissions, optional: manifest(net).permissions.required },
      }
      expect(permissionWords(later, 'data:secrets', { names: ['KEY'] })).toEqual(sends)
    },
  )

  it('says of a secret that the host puts in where it goes', () => {
    const inject = { header: 'authorization', hosts }
    const secrets = { KEY: { description: 'A key', inject }, SEEN: { description: 'Another' } }
    expect(secretWords(manifest({}, { secrets }))).toEqual([
      'use (not see) the secret KEY with api.open-meteo.com',
    ])
  })
})
