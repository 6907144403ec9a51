import { isUnreachable, type KeyView } from '@covent/api/client'
import { ApiKeys, ClientError, type KeyRecord, type Role } from '@covent/core'
import { operator } from '../home.ts'

export interface KeyRequest {
  readonly name: string
  readonly role: Role
  readonly scopes?: readonly string[]
  readonly expiresAt?: Date
}

/** Where keys are made and revoked: at the running server, or on the home itself. */
export interface KeyDesk {
  create(request: KeyRequest): Promise<{ readonly id: string; readonly key: string }>
  list(): Promise<readonly KeyView[]>
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

const onHome = (keys: ApiKeys): KeyDesk => ({
  create: ({ expiresAt, ...rest }) =>
    keys.create({ ...rest, ...(expiresAt && { expiresAt: expiresAt.getTime() }) }),
  list: async () => (await keys.list()).map(viewOf),
  async revoke(id) {
    if (await keys.revoke(id)) return
    throw new ClientError('request.not-found', `There is no live key ${id}.`)
  },
})

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
  const offline = await openOffline(surroundings)
  try {
    return await work(onHome(offline.get(ApiKeys)))
  } finally {
    await offline.stop()
  }
}
