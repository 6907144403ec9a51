import { describe, expect, it } from 'vitest'
import { lackingLine } from '../src/plugins/consent-text.ts'

const permission = (
  name: string,
  need: 'required' | 'optional',
  state: 'granted' | 'pending' | 'denied',
) => ({
  permission: name,
  need,
  state,
  reason: 'It is needed',
  scope: {},
  risk: 'low' as const,
  sentence: 'do it',
})
const plugin = (...permissions: ReturnType<typeof permission>[]) => ({
  id: 'acme.noter',
  package: {
    digest: 'a'.repeat(64),
    installedAt: '2026-01-01T00:00:00.000Z',
    description: 'Keeps notes.',
    permissions,
  },
})

describe('after an install', () => {
  it('a line says what is required and was not given', () => {
    const asked = [
      permission('data:database', 'required', 'pending'),
      permission('net:dns', 'required', 'denied'),
      permission('data:memory', 'optional', 'pending'),
      permission('ai:inference', 'required', 'granted'),
    ]
    expect(lackingLine(plugin(...asked))).toContain('`covent plugins grant acme.noter data:database net:dns`')
  })

  it('nothing is said where nothing is lacking', () => {
    expect(lackingLine(plugin(permission('data:database', 'required', 'granted')))).toBeUndefined()
    expect(lackingLine({ id: 'covent.clock' })).toBeUndefined()
  })
})
