import { type Token, token } from '../token.ts'
import type { Principal } from './principal.ts'

/** What a route asks for: the scope `noun:verb`, which roles hold by default. */
export type Scope =
  | 'audit:read'
  | 'chat:write'
  | 'conversations:read'
  | 'conversations:write'
  | 'devices:read'
  | 'devices:write'
  | 'events:read'
  | 'events:write'
  | 'health:read'
  | 'keys:read'
  | 'keys:write'
  | 'models:read'
  | 'plugins:call'
  | 'plugins:read'
  | 'plugins:write'
  | 'secrets:read'
  | 'secrets:write'
  | 'sessions:read'
  | 'sessions:write'

export interface Policy {
  /** Whether this principal may do it: its role holds the scope, and its own scopes, if any, name it. */
  permits(principal: Principal, scope: Scope): boolean
}
export const Policy: Token<Policy> = token('Policy')
