import { PluginError, type PluginDetails, type PluginRegistry } from '@covent/core'

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
    install: async (packed, { grant }) =>
      (installed = { ...made, version: `1.0.${packed.length}`, grants: grant === 'all' ? ['all'] : grant }),
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
