import { ai } from './ai.ts'
import { dns } from './dns.ts'
import { textEmbedder } from './embeddings.ts'
import { fileReader, fileWriter } from './files.ts'
import { http } from './http.ts'
import { keyValues } from './key-values.ts'
import { memory } from './memory.ts'
import { environment, secrets } from './values.ts'
import { programs } from './programs.ts'
import { webSockets } from './web-sockets.ts'

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

type Has = (permission: string) => boolean

const fileFacets = (has: Has, ask: Ask): object => {
  const facet = (name: 'workspace' | 'tmp' | 'files', reads: boolean, writes: boolean): object =>
    reads || writes
      ? { [name]: { ...(reads && fileReader(ask, name)), ...(writes && fileWriter(ask, name)) } }
      : {}
  return {
    ...facet('workspace', has('fs:read:workspace'), has('fs:write:workspace')),
    ...facet('tmp', has('fs:write:temp'), has('fs:write:temp')),
    ...facet('files', has('fs:read:home') || has('fs:read:system'), has('fs:write:any')),
  }
}

const facets = (has: Has, ask: Ask): object => ({
  ...fileFacets(has, ask),
  ...(has('data:database') && { kv: keyValues(ask) }),
  ...((has('net:outbound:https') || has('net:outbound:http')) && { http: http(ask) }),
  ...(has('net:outbound:websocket') && { ws: webSockets(ask) }),
  ...(has('process:spawn') && { process: programs(ask) }),
  ...(has('ai:inference') && { ai: ai(ask) }),
  ...(has('ai:embedding') && { embeddings: textEmbedder(ask) }),
  ...(has('data:memory') && { memory: memory(ask) }),
  ...(has('net:dns') && { dns: dns(ask) }),
  ...(has('process:env:read') && { env: environment(ask) }),
  ...(has('data:secrets') && { secrets: secrets(ask) }),
})
