import type { HealthCheck, PluginInfo } from '@covent/core'
import type { Isolation } from './isolation/isolation.ts'

const wellStates: readonly PluginInfo['state'][] = ['ready', 'disabled', 'starting', 'stopped', 'draining']

/** Reports levels and states; a plugin that is refused or quarantined degrades the server and does not stop it. */
export const pluginHealth = (list: () => readonly PluginInfo[], isolation: Isolation): HealthCheck => ({
  name: 'plugins',
  critical: false,
  check() {
    const plugins = list()
    const ill = plugins.filter(({ state }) => !wellStates.includes(state))
    return {
      ok: ill.length === 0,
      ...(ill.length > 0 && { detail: ill.map(({ id, state }) => `${id} is ${state}`).join(', ') }),
      data: {
        isolation: isolation.levels,
        plugins: plugins.map(({ id, state, isolation, channels }) => ({
          id,
          state,
          isolation,
          ...(channels && { channels }),
        })),
      },
    }
  },
})
