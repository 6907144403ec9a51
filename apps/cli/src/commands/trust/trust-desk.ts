import type { KeyObject } from 'node:crypto'
import { isUnreachable } from '@covent/api/client'
import { AuditLog, localPrincipal, type TrustedKey } from '@covent/core'
import type { Offline, trustStore } from '@covent/server/offline'
import { homeOf, operator } from '../../home.ts'

export interface TrustTerms {
  readonly owner: string
  readonly namespaces: readonly string[]
  readonly expiresAt?: number
}

/** Where keys are trusted: at the running server, or in the home itself. */
export interface TrustDesk {
  add(key: KeyObject, terms: TrustTerms): Promise<TrustedKey>
  list(): Promise<readonly TrustedKey[]>
  revoke(keyId: string): Promise<void>
  remove(keyId: string): Promise<void>
}

type TrustStore = ReturnType<typeof trustStore>

interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly argv: readonly string[]
}

const atServer = (env: NodeJS.ProcessEnv): TrustDesk => {
  const { trust } = operator(env)
  return {
    add: (key, { owner, namespaces, expiresAt }) =>
      trust.add({
        publicKey: key.export({ type: 'spki', format: 'der' }).toString('base64'),
        owner,
        namespaces: [...namespaces],
        ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }),
      }),
    list: trust.list,
    revoke: trust.revoke,
    remove: trust.remove,
  }
}

const onHome = ({ get }: Offline, store: TrustStore): TrustDesk => {
  const record = (action: string, target: string): Promise<void> =>
    get(AuditLog).record({
      actor: { kind: 'principal', id: localPrincipal.id },
      action,
      target,
      outcome: 'allowed',
    })
  return {
    async add(key, { owner, namespaces, expiresAt }) {
      const { keyIdOf } = await import('@covent/server/offline')
      await record('trust.add', keyIdOf(key))
      const terms = { owner, namespaces: [...namespaces], now: Date.now(), expiresAt }
      return store.add(key, terms)
    },
    list: store.list,
    async revoke(keyId) {
      await store.revoke(keyId, Date.now())
      await record('trust.revoke', keyId)
    },
    async remove(keyId) {
      await store.remove(keyId)
      await record('trust.remove', keyId)
    },
  }
}

/** Asks the running server, and works on the home itself where none answers. */
export const atTrustDesk = async <T>(
  surroundings: Surroundings,
  work: (desk: TrustDesk) => Promise<T>,
): Promise<T> => {
  try {
    return await work(atServer(surroundings.env))
  } catch (error) {
    if (!isUnreachable(error)) throw error
  }
  const { openOffline, trustStore } = await import('@covent/server/offline')
  const offline = await openOffline(surroundings, [AuditLog])
  try {
    return await work(onHome(offline, trustStore(homeOf(surroundings.env))))
  } finally {
    await offline.stop()
  }
}
