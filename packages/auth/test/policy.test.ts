import { type Principal, roles } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { policy, roleScopes } from '../src/index.ts'

const { permits } = policy()
const principal = (fields: Partial<Principal>): Principal => ({
  id: 'k',
  kind: 'key',
  role: 'user',
  ...fields,
})

describe('the policy', () => {
  it('lets only an owner make keys, and a guest keep nothing', () => {
    const holders = roles.filter((role) => permits(principal({ role }), 'keys:write'))
    expect(holders).toEqual(['owner'])
    expect(permits(principal({ role: 'guest' }), 'chat:write')).toBe(true)
    expect(permits(principal({ role: 'guest' }), 'conversations:write')).toBe(false)
  })

  it('gives each role all that the one below it has', () => {
    const [owner, operator, user, guest] = roles.map((role) => roleScopes[role])
    expect(operator).toEqual(expect.arrayContaining([...user!]))
    expect(owner).toEqual(expect.arrayContaining([...operator!]))
    expect(user).toEqual(expect.arrayContaining([...guest!]))
  })

  it('narrows a role by scopes of its own', () => {
    const reader = principal({ role: 'owner', scopes: ['keys:read'] })
    expect(permits(reader, 'keys:read')).toBe(true)
    expect(permits(reader, 'keys:write')).toBe(false)
    expect(permits(principal({ role: 'owner', scopes: [] }), 'chat:write')).toBe(false)
  })

  it('never widens a role by scopes of its own', () => {
    expect(permits(principal({ role: 'user', scopes: ['keys:write', 'chat:write'] }), 'keys:write')).toBe(
      false,
    )
    expect(permits(principal({ role: 'user', scopes: ['keys:write', 'chat:write'] }), 'chat:write')).toBe(
      true,
    )
  })
})
