import { dns } from './dns.ts'
import { http } from './http.ts'
import { keyValues } from './key-values.ts'

type Ask = (method: string, params: object) => Promise<unknown>

/** What of the asked permissions was granted, as members of `ctx`. */
export const facets = (asked: object = {}, grants: ReadonlySet<string>, ask: Ask): object => {
  const has = (permission: string): boolean => Object.hasOwn(asked, permission) && grants.has(permission)
  return {
    ...(has('data:database') && { kv: keyValues(ask) }),
    ...((has('net:outbound:https') || has('net:outbound:http')) && { http: http(ask) }),
    ...(has('net:dns') && { dns: dns(ask) }),
  }
}
