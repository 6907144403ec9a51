import { isUnreachable, type SecretView } from '@covent/api/client'
import {
  AuditLog,
  ClientError,
  KeyRotation,
  localPrincipal,
  type SecretInfo,
  SecureStorage,
} from '@covent/core'
import { operator } from '../home.ts'

/** Where secrets are kept: at the running server, or on the home itself. */
export interface SecretDesk {
  set(name: string, value: string): Promise<SecretView>
  /** Whether that is its value. */
  verify(name: string, value: string): Promise<boolean>
  list(): Promise<readonly SecretView[]>
  remove(name: string): Promise<void>
  rotateKey(): Promise<{ readonly keyId: string; readonly rewrapped: number }>
}

interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly argv: readonly string[]
}

const viewOf = ({ createdAt, updatedAt, ...info }: SecretInfo): SecretView => ({
  ...info,
  createdAt: new Date(createdAt).toISOString(),
  updatedAt: new Date(updatedAt).toISOString(),
})

interface Kept {
  readonly secrets: SecureStorage
  readonly rotation: KeyRotation
  readonly audit: AuditLog
}

const onHome = ({ secrets, rotation, audit }: Kept): SecretDesk => {
  const record = (action: string, target: string): Promise<void> =>
    audit.record({ actor: { kind: 'principal', id: localPrincipal.id }, action, target, outcome: 'allowed' })
  return {
    async set(name, value) {
      await record('secret.set', name)
      return viewOf(await secrets.set(name, value))
    },
    verify: async (name, value) => (await secrets.get(name)) === value,
    list: async () => (await secrets.list()).map(viewOf),
    async remove(name) {
      await record('secret.delete', name)
      if (await secrets.delete(name)) return
      throw new ClientError('request.not-found', 'There is no secret of that name.')
    },
    async rotateKey() {
      await record('master-key.rotate', 'master key')
      return rotation.rotate()
    },
  }
}

/** Asks the running server, and works on the home itself where none answers. */
export const atSecretDesk = async <T>(
  surroundings: Surroundings,
  work: (desk: SecretDesk) => Promise<T>,
): Promise<T> => {
  try {
    return await work(operator(surroundings.env).secrets)
  } catch (error) {
    if (!isUnreachable(error)) throw error
  }
  const { openOffline } = await import('@covent/server/offline')
  const offline = await openOffline(surroundings, [SecureStorage, KeyRotation, AuditLog])
  try {
    const [secrets, rotation] = [offline.get(SecureStorage), offline.get(KeyRotation)]
    return await work(onHome({ secrets, rotation, audit: offline.get(AuditLog) }))
  } finally {
    await offline.stop()
  }
}
