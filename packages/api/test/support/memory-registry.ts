import {
  ClientError,
  PluginError,
  type PluginDetails,
  type PluginRegistry,
  type TrustedKey,
  type TrustedKeys,
} from '@covent/core'

const made: PluginDetails = {
  id: 'acme.noter',
  version: '1.0.0',
  state: 'ready',
  isolation: 'process',
  trust: 'signed',
  grants: [],
  actions: ['note'],
  package: {
    description: 'Keeps notes.',
    digest: 'd'.repeat(64),
    installedAt: 0,
    permissions: [
      {
        permission: 'data:database',
        need: 'required',
        state: 'pending',
        reason: 'Keep notes',
        scope: {},
        risk: 'low',
        sentence: 'store its own data',
      },
    ],
  },
}

const clock: PluginDetails = {
  id: 'covent.clock',
  version: '1.0.0',
  state: 'ready',
  isolation: 'process',
  trust: 'first-party',
  grants: [],
  actions: ['get_current_time'],
}

/** An update as it waits; consent to any other digest is refused. */
const waiting = {
  version: '2.0.0',
  digest: 'e'.repeat(64),
  state: 'update-pending-consent',
  findings: [{ what: 'limits.memoryMb', before: 64, after: 128, widens: true }],
} as const

/** Trusts every key under one id. */
const memoryTrust = (): TrustedKeys => {
  let key: TrustedKey | undefined
  const known = (keyId: string): TrustedKey => {
    if (key?.keyId === keyId) return key
    throw new ClientError('request.not-found', `there is no trusted key ${keyId}`)
  }
  const addedAt = new Date(0).toISOString()
  return {
    list: async () => (key === undefined ? [] : [key]),
    add: async ({ expiresAt, ...wish }) =>
      (key = {
        keyId: `ed25519:SHA256:${'k'.repeat(43)}`,
        ...wish,
        addedAt,
        ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }),
      }),
    revoke: async (keyId) => void (key = { ...known(keyId), revoked: addedAt }),
    async remove(keyId) {
      known(keyId)
      key = undefined
    },
  }
}

/** Installs one plugin, whatever it is given, and remembers what was granted. */
export const memoryRegistry = (): PluginRegistry => {
  let installed: PluginDetails | undefined
  const found = async (id: string): Promise<PluginDetails> => {
    if (installed?.id === id) return installed
    throw new PluginError('plugin.not-found', `no plugin ${id} is installed`)
  }
  const change = async (id: string, fields: Partial<PluginDetails>): Promise<PluginDetails> =>
    (installed = { ...(await found(id)), ...fields })
  return {
    show: found,
    trust: memoryTrust(),
    list: async () => [clock, ...(installed === undefined ? [] : [installed])],
    preview: async (packed) => ({
      id: made.id,
      version: `1.0.${packed.length}`,
      description: 'Keeps notes.',
      digest: waiting.digest,
      signer: { keyId: 'ed25519:SHA256:key', owner: 'Acme' },
      permissions: made.package!.permissions,
      secrets: [],
      findings: waiting.findings,
      changelog: '## 2.0.0',
    }),
    reconfigure: async () => [{ id: 'acme.notes', outcome: 'refused', reason: 'unit: no such unit' }],
    async consent(id, digest) {
      const { update, ...current } = await found(id)
      if (update?.digest !== digest) throw new PluginError('plugin.version-conflict', 'another one waits')
      return (installed = { ...current, version: update.version })
    },
    async reject(id) {
      const { update: _, ...current } = await found(id)
      return (installed = current)
    },
    rollback: (id) => change(id, { version: '0.9.0' }),
    install: async (packed, { id, grant }) =>
      (installed = {
        ...made,
        version: `1.0.${packed.length}`,
        grants: grant === 'all' ? ['all'] : grant,
        ...(id !== undefined && { update: waiting }),
      }),
    enable: (id) => change(id, { state: 'ready' }),
    disable: (id) => change(id, { state: 'disabled' }),
    grant: (id, wish) => change(id, { grants: wish === 'all' ? ['all'] : wish }),
    revoke: (id) => change(id, { grants: [] }),
    async uninstall(id) {
      await found(id)
      installed = undefined
    },
    call: async ({ action, input, principalId }) => ({ action, input, principalId }),
  }
}
