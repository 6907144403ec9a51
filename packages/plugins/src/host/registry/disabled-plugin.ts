import { PluginError, type PluginInfo } from '@covent/core'
import type { ManagedPlugin } from '../managed-plugin.ts'
import type { PluginWatch } from '../monitor/plugin-watch.ts'
import { nothingLeft } from '../parts/deliver-events.ts'

/** A plugin that its operator keeps stopped. */
export const disabledPlugin = (
  { id, version, trust }: Pick<PluginInfo, 'id' | 'version' | 'trust'>,
  watch: PluginWatch,
): ManagedPlugin => ({
  watch,
  info: () => ({ id, version, trust, state: 'disabled', isolation: 'unavailable', grants: [], actions: [] }),
  actions: () => [],
  running: () => undefined,
  invoke: () =>
    Promise.reject(
      new PluginError('plugin.unavailable', `${id} is disabled; \`covent plugins enable ${id}\` starts it`),
    ),
  isDisabled: true,
  start() {},
  open() {},
  close: () => nothingLeft,
  decide: () => false,
  configure: async () => 'applied',
  retire: async () => {},
  settled: Promise.resolve(),
  stop: async () => {},
})
