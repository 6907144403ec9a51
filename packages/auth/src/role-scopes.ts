import type { Role, Scope } from '@covent/core'

/** A guest chats and leaves nothing behind; a user keeps conversations. */
const guest = ['chat:write', 'models:read', 'sessions:read', 'sessions:write'] as const
const user = [...guest, 'conversations:read', 'conversations:write', 'plugins:call'] as const
const operator = [
  ...user,
  'audit:read',
  'events:read',
  'events:write',
  'health:read',
  'plugins:read',
  'plugins:write',
  'keys:read',
  'devices:read',
  'secrets:read',
] as const
const owner = [...operator, 'keys:write', 'devices:write', 'secrets:write'] as const

/** What each role may do; each holds what the one before it holds. */
export const roleScopes: Readonly<Record<Role, readonly Scope[]>> = { guest, user, operator, owner }
