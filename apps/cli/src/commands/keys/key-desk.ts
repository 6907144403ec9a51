import { isUnreachable, type KeyView } from '@covent/api/client'
import {
  ApiKeys,
  AuditLog,
  ClientError,
  type CreatedKey,
  type KeyRecord,
  localPrincipal,
  type Role,
} from '@covent/core'
import { operator } from '../../home.ts'

export interface KeyRequest {
  readonly name: string
  readonly role: Role
  readonly scopes?: readonly string[]
  readonly expiresAt?: Date
}

/** Where keys are made and revoked: at the running server, or on the home itself. */
export interface KeyDesk {
  create(request: KeyRequest): Promise<CreatedKey>
  list(): Promise<readonly KeyView[]>
  rotate(id: string, overlapHours: number): Promise<CreatedKey>
  revoke(id: string): Promise<void>
}

interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly argv: readonly string[]
}

const atServer = (env: NodeJS.ProcessEnv): KeyDesk => {
  const { keys } = operator(env)
  return {
    create: ({ scopes, expiresAt, ...rest }) =>
      keys.create({
        ...rest,
        ...(scopes && { scopes: [...scopes] }),
        ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      }),
    list: keys.list,
    rotate: keys.rotate,
    revoke: keys.revoke,
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

const viewOf = ({
  createdAt,
  expiresAt,
  lastUsedAt,
  revokedAt,
  scopes,
  ...key
}: Omit<KeyRecord, 'hash'>): KeyView => ({
  ...key,
  ...(scopes && { scopes: [...scopes] }),
  createdAt: time(createdAt),
  ...(expiresAt !== undefined && { expiresAt: time(expiresAt) }),
  ...(lastUsedAt !== undefined && { lastUsedAt: time(lastUsedAt) }),
  ...(revokedAt !== undefined && { revokedAt: time(revokedAt) }),
})

const hourMs = 3_600_000

const notFound = (id: string): ClientError =>
  new ClientError('request.not-found', `There is no live key ${id}.`)

const onHome = (keys: ApiKeys, audit: AuditLog): KeyDesk => {
  const record = (action: string, target: string): Promise<void> =>
    audit.record({ actor: { kind: 'principal', id: localPrincipal.id }, action, target, outcome: 'allowed' })
  return {
    async create({ expiresAt, ...rest }) {
      await record('key.create', rest.name)
      return keys.create({ ...rest, ...(expiresAt && { expiresAt: expiresAt.getTime() }) })
    },
    list: async () => (await keys.list()).map(viewOf),
    async rotate(id, overlapHours) {
      await record('key.rotate', id)
      const next = await keys.rotate(id, overlapHours * hourMs)
      if (next === undefined) throw notFound(id)
      return next
    },
    async revoke(id) {
      await record('key.revoke', id)
      if (!(await keys.revoke(id))) throw notFound(id)
    },
  }
}

/** Asks the running server, and works on the home itself where none answers. */
export const atKeyDesk = async <T>(
  surroundings: Surroundings,
  work: (desk: KeyDesk) => Promise<T>,
): Promise<T> => {
  try {
    return await work(atServer(surroundings.env))
  } catch (error) {
    if (!isUnreachable(error)) throw error
  }
  const { openOffline } = await import('@covent/server/offline')
  const offline = await openOffline(surroundings, [AuditLog])
  try {
    return await work(onHome(offline.get(ApiKeys), offline.get(AuditLog)))
  } finally {
    await offline.stop()
  }
}
