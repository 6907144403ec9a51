import { dns } from './dns.ts'
import { http } from './http.ts'
import { keyValues } from './key-values.ts'

type Ask = (method: string, params: object) => Promise<unknown>

/**
 * What permissions unlock, as members of `ctx`. What is required is there also while it is not granted: the host then
 * refuses each use, and its refusal names the permission and how it is granted.
 */
export const requiredFacets = (asked: object = {}, ask: Ask): object =>
  facets((permission) => Object.hasOwn(asked, permission), ask)

/** What is optional is there once it is granted. */
export const optionalFacets = (asked: object = {}, grants: ReadonlySet<string>, ask: Ask): object =>
  facets((permission) => Object.hasOwn(asked, permission) && grants.has(permission), ask)

const facets = (has: (permission: string) => boolean, ask: Ask): object => ({
  ...(has('data:database') && { kv: keyValues(ask) }),
  ...((has('net:outbound:https') || has('net:outbound:http')) && { http: http(ask) }),
  ...(has('net:dns') && { dns: dns(ask) }),
})
