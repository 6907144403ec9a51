import type { Policy } from '@covent/core'
import { roleScopes } from './role-scopes.ts'

/** Scopes of a principal narrow its role, never widen it. */
export const policy = (): Policy => ({
  permits: ({ role, scopes }, scope) =>
    roleScopes[role].includes(scope) && (scopes === undefined || scopes.includes(scope)),
})
