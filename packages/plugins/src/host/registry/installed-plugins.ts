import {
  type Clock,
  type Logger,
  PluginError,
  type PluginGrant,
  type PluginRecord,
  type PluginStore,
} from '@covent/core'
import type { InstalledStore } from '../../package/installed-store.ts'
import { checkedPackage, type PluginPackage } from '../../package/plugin-package.ts'
import { signerOf, type TrustStore } from '../../package/signing/trust-store.ts'
import type { OpenedPackage } from '../source/plugin-source.ts'
import type { RosterEntry } from './packaged-plugins.ts'

/** What was recorded of a package. */
type Artifact = Pick<PluginRecord, 'id' | 'version' | 'digest' | 'keyId'>

/** What stands in the store, and whether it is still what was installed. */
export interface InstalledPlugins {
  entries(): Promise<readonly RosterEntry[]>
  entryOf(record: PluginRecord): RosterEntry
  /** Its files, each checked against what was signed and recorded. Throws where anything is different. */
  read(record: Artifact): Promise<PluginPackage>
}

export interface InstalledParts {
  readonly store: PluginStore
  readonly files: InstalledStore
  readonly trust: TrustStore
  readonly logger: Logger
  readonly clock: Clock
}

/** By permission, whether it was granted. */
export const decisionsBy = (decisions: readonly PluginGrant[]): ReadonlyMap<string, boolean> =>
  new Map(decisions.map(({ permission, granted }) => [permission, granted]))

const broken = (id: string, why: string): PluginError =>
  new PluginError('plugin.integrity-broken', `${id} is refused: ${why}`)

/** The record is the anchor: an older version, signed as it may be, is not the one that was installed. */
const checkRecord = (record: Artifact, { digest, plugin }: PluginPackage): void => {
  const { id, version } = record
  if (plugin.id !== id) throw broken(id, `its plugin.json is of ${plugin.id}`)
  if (plugin.version !== version)
    throw broken(id, `its plugin.json is of version ${plugin.version}, not ${version}`)
  if (digest !== record.digest) throw broken(id, 'its plugin.json is not the one that was installed')
}

export const installedPlugins = ({
  store,
  files,
  trust,
  logger,
  clock,
}: InstalledParts): InstalledPlugins => {
  const checkSigner = async (record: Artifact, found: PluginPackage): Promise<void> => {
    const { id, keyId } = record
    const signer = signerOf(found, { keys: await trust.list(), now: clock.now(), isNew: false })
    if (signer?.keyId !== keyId) throw broken(id, `it was installed as signed by ${keyId ?? 'nobody'}`)
  }
  const read = async (record: Artifact): Promise<PluginPackage> => {
    const contents = await files.read(record.id, record.version)
    const found = checkedPackage(contents, 'plugin.integrity-broken')
    checkRecord(record, found)
    await checkSigner(record, found)
    return found
  }
  const open = async (record: PluginRecord): Promise<OpenedPackage> => {
    const { id } = record
    const { plugin, text } = await read(record)
    if (record.keyId === undefined)
      logger.warn('an unsigned plugin runs by leave of its operator', { plugin: id })
    const decisions = await store.grants(id, record.digest)
    return { manifest: plugin, text, digest: record.digest, decisions: decisionsBy(decisions) }
  }
  const entryOf = (record: PluginRecord): RosterEntry => ({
    enabled: record.enabled,
    source: {
      name: record.id,
      version: record.version,
      path: '',
      trust: record.keyId === undefined ? 'unverified' : 'signed',
      open: () => open(record),
    },
  })
  return { read, entryOf, entries: async () => (await store.list()).map(entryOf) }
}
