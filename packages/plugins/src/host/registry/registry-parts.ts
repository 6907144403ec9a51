import {
  type Clock,
  type EventBus,
  type Logger,
  PluginError,
  type PluginHost,
  type PluginRecord,
  type PluginStore,
} from '@covent/core'
import type { PluginsConfig } from '../../config.ts'
import type { InstalledStore } from '../../package/installed-store.ts'
import type { LockFile } from '../../package/lock-file.ts'
import type { TrustStore } from '../../package/signing/trust-store.ts'
import type { Auditing } from '../audit/changes.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { ManagedPlugin } from '../managed-plugin.ts'
import type { PluginRoster } from '../plugin-roster.ts'
import type { InstalledPlugins } from './installed-plugins.ts'

export interface RegistryParts extends Auditing {
  readonly store: PluginStore
  readonly files: InstalledStore
  readonly trust: TrustStore
  readonly lock: LockFile
  readonly installed: InstalledPlugins
  readonly roster: PluginRoster
  readonly isolation: Isolation
  readonly events: Pick<EventBus, 'emit'>
  readonly logger: Logger
  readonly clock: Clock
  readonly settings: Pick<PluginsConfig, 'allow' | 'deny' | 'allowUnsigned' | 'limits'>
  /** Actions that may run although their effect is external, spend or exec. */
  readonly allowActions: readonly string[]
  readonly invoke: PluginHost['invoke']
  /** The settings `plugins.config`, as they stand in the configuration now. */
  rereadSettings(): Promise<PluginsConfig['config']>
  /** Removes what a plugin kept in temporary files. */
  forget(id: string): Promise<void>
}

const settleMs = 3_000

export const notInstalled = (id: string): PluginError =>
  new PluginError('plugin.not-found', `no plugin ${id} is installed; see \`covent plugins list\``)

export const settledSoon = async ({ settled }: ManagedPlugin, clock: Clock): Promise<void> => {
  const late = new AbortController()
  await Promise.race([settled, clock.sleep(settleMs, late.signal).catch(() => {})]) // aborted: it settled
  late.abort()
}

export const recordOf = async (
  { store, roster }: Pick<RegistryParts, 'store' | 'roster'>,
  id: string,
): Promise<PluginRecord> => {
  const record = await store.find(id)
  if (record !== undefined) return record
  if (roster.find(id) === undefined) throw notInstalled(id)
  throw new PluginError(
    'plugin.invalid',
    `${id} is no installed package: it comes with the server or from a folder`,
  )
}
