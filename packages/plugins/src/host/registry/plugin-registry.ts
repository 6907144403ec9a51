import {
  AppError,
  type Clock,
  type EventBus,
  type GrantWish,
  type Logger,
  newId,
  type PluginDetails,
  PluginError,
  type PluginHost,
  type PluginRecord,
  type PluginRegistry,
  type PluginStore,
} from '@covent/core'
import { type Auditing, note, told } from '../audit/changes.ts'
import { describeInSandbox } from '../../package/describe-in-sandbox.ts'
import type { InstalledStore } from '../../package/installed-store.ts'
import { checkSays } from '../../package/package-manifest.ts'
import { type PluginPackage, readPackage } from '../../package/plugin-package.ts'
import type { TrustStore } from '../../package/trust-store.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { ManagedPlugin } from '../managed-plugin.ts'
import type { PluginRoster } from '../plugin-roster.ts'
import { checkRuntime } from '../source/runtime-version.ts'
import { checkName } from '../source/trust.ts'
import { turnstile } from '../turnstile.ts'
import { admittedSigner, checkSuccession } from './admission.ts'
import type { InstalledPlugins } from './installed-plugins.ts'
import { permissionRequests, wished } from './permission-requests.ts'

export interface RegistryParts extends Auditing {
  readonly store: PluginStore
  readonly files: InstalledStore
  readonly trust: TrustStore
  readonly installed: InstalledPlugins
  readonly roster: PluginRoster
  readonly isolation: Isolation
  readonly events: Pick<EventBus, 'emit'>
  readonly logger: Logger
  readonly clock: Clock
  /** Lets unsigned packages in, whatever the install says. */
  readonly allowUnsigned: boolean
  /** Actions that may run although their effect is external, spend or exec. */
  readonly allowActions: readonly string[]
  readonly invoke: PluginHost['invoke']
  /** Removes what a plugin kept in temporary files. */
  forget(id: string): Promise<void>
}

const settleMs = 3_000
const harmless = ['read', 'write']

const notInstalled = (id: string): PluginError =>
  new PluginError('plugin.not-found', `no plugin ${id} is installed; see \`covent plugins list\``)

const settledSoon = async ({ settled }: ManagedPlugin, clock: Clock): Promise<void> => {
  const late = new AbortController()
  await Promise.race([settled, clock.sleep(settleMs, late.signal).catch(() => {})]) // aborted: it settled
  late.abort()
}

const recordOf = async (parts: RegistryParts, id: string): Promise<PluginRecord> => {
  const record = await parts.store.find(id)
  if (record !== undefined) return record
  if (parts.roster.find(id) === undefined) throw notInstalled(id)
  throw new PluginError(
    'plugin.invalid',
    `${id} is no installed package: it comes with the server or from a folder`,
  )
}

const details = async (parts: RegistryParts, id: string): Promise<PluginDetails> => {
  const info = parts.roster.find(id)?.info()
  if (info === undefined) throw notInstalled(id)
  const record = await parts.store.find(id)
  if (record === undefined) return info
  const { digest, keyId, installedAt } = record
  const facts = { digest, installedAt, ...(keyId !== undefined && { keyId }) }
  try {
    const { plugin } = await parts.installed.read(record)
    const permissions = permissionRequests(plugin, await parts.store.grants(id, digest))
    return { ...info, package: { ...facts, description: plugin.description, permissions } }
  } catch (error) {
    if (!AppError.is(error)) throw error
    return { ...info, reason: error.message, package: { ...facts, description: '', permissions: [] } }
  }
}

const restart = async (parts: RegistryParts, record: PluginRecord): Promise<PluginDetails> => {
  await settledSoon(await parts.roster.put(parts.installed.entryOf(record)), parts.clock)
  return details(parts, record.id)
}

interface Decision {
  readonly found: PluginPackage
  readonly wish: GrantWish
  readonly granted: boolean
}

const decide = async (parts: RegistryParts, { found, wish, granted }: Decision): Promise<void> => {
  const { store, clock, events, logger } = parts
  const { id } = found.plugin
  for (const permission of wished(found.plugin, wish)) {
    const action = granted ? 'permission.grant' : 'permission.revoke'
    await note(parts, { action, target: id, data: { permission, digest: found.digest } })
    await store.decide({ plugin: id, digest: found.digest, permission, granted, decidedAt: clock.now() })
    const name = granted ? 'plugin.permission-granted' : 'plugin.permission-revoked'
    events.emit(name, { plugin: id, permission })
    logger.info(granted ? 'permission granted' : 'permission revoked', { plugin: id, permission })
  }
}

/** Ends what is revoked at once: the process that has it may go on with its calls for a while. */
const withdraw = ({ roster }: RegistryParts, id: string, wish: GrantWish): void => {
  const plugin = roster.find(id)
  plugin?.withdraw(wish === 'all' ? plugin.info().grants : wish)
}

const change = async (
  parts: RegistryParts,
  id: string,
  change: Omit<Decision, 'found'>,
): Promise<PluginDetails> => {
  const record = await recordOf(parts, id)
  if (!change.granted) withdraw(parts, id, change.wish)
  await decide(parts, { ...change, found: await parts.installed.read(record) })
  return record.enabled ? restart(parts, record) : details(parts, id)
}

/** What must hold before anything of a package is written or run for anybody. */
const checkNew = async (parts: RegistryParts, found: PluginPackage, keyId: string | undefined) => {
  const { id } = found.plugin
  checkName(found.plugin, 'unverified')
  checkRuntime(found.plugin)
  const prior = await parts.store.find(id)
  checkSuccession(found, keyId, prior)
  if (prior === undefined && parts.roster.find(id) !== undefined)
    throw new PluginError(
      'plugin.version-conflict',
      `${id} is the id of a plugin that is no installed package`,
    )
  const said = await describeInSandbox(parts.isolation, {
    name: id,
    text: found.text,
    memoryMb: found.plugin.limits.memoryMb,
    logger: parts.logger,
  })
  checkSays(found.plugin, said)
  return prior
}

interface Succession {
  readonly record: PluginRecord
  readonly prior: PluginRecord | undefined
}

/** Starts what a record says and keeps the record, unless the version before it has to go on. */
const take = async (parts: RegistryParts, { record, prior }: Succession): Promise<void> => {
  const { store, files, roster, installed, logger } = parts
  const { id } = record
  const forget = async (one: PluginRecord | undefined, kept: PluginRecord): Promise<void> => {
    if (one !== undefined && one.version !== kept.version) await files.remove(id, one.version)
  }
  const goBack = async (to: PluginRecord): Promise<void> => {
    const current = await store.find(id)
    if (current?.digest !== record.digest) return
    await store.put(to)
    await forget(record, to)
  }
  try {
    const placed = await roster.put(installed.entryOf(record))
    await store.put(record)
    await settledSoon(placed, parts.clock)
    void placed.watched
      .then((error) => (error === undefined || prior === undefined ? forget(prior, record) : goBack(prior)))
      .catch((error: unknown) => logger.error('a package cannot be put away', { plugin: id, error }))
  } catch (error) {
    if (prior !== undefined) await forget(record, prior)
    throw error
  }
}

const install = async (
  parts: RegistryParts,
  packed: Uint8Array,
  { allowUnsigned, grant }: Parameters<PluginRegistry['install']>[1],
): Promise<PluginDetails> => {
  const { files, trust, clock, events, logger } = parts
  const found = await readPackage(packed)
  const { id, version } = found.plugin
  const keyId = await admittedSigner(found, {
    trust,
    clock,
    allowUnsigned: allowUnsigned || parts.allowUnsigned,
  })
  wished(found.plugin, grant)
  const prior = await checkNew(parts, found, keyId)
  const facts = { version, digest: found.digest, signedBy: keyId ?? 'nobody' }
  await note(parts, { action: 'plugin.install', target: id, data: facts })
  await files.write(found)
  const signed = keyId !== undefined && { keyId }
  const record = { id, version, digest: found.digest, enabled: true, installedAt: clock.now(), ...signed }
  await decide(parts, { found, wish: grant, granted: true })
  await take(parts, { record, prior })
  if (keyId === undefined) logger.warn('an unsigned plugin was installed', { plugin: id, version })
  events.emit('plugin.installed', { plugin: id, version, ...signed })
  return details(parts, id)
}

/** Nothing is taken away under others: who needs it is named instead. */
const checkUnneeded = ({ roster }: RegistryParts, id: string): void => {
  const words = roster.dependents(id).map((other) => `${other.id} needs ${other.words}`)
  if (words.length > 0) throw new PluginError('plugin.in-use', `${id} is in use: ${words.join('; ')}`)
}

const enable = async (parts: RegistryParts, id: string, enabled: boolean): Promise<PluginDetails> => {
  const record = { ...(await recordOf(parts, id)), enabled }
  if (!enabled) checkUnneeded(parts, id)
  await note(parts, { action: enabled ? 'plugin.enable' : 'plugin.disable', target: id })
  await parts.store.put(record)
  return restart(parts, record)
}

const uninstall = async (parts: RegistryParts, id: string): Promise<void> => {
  const { version } = await recordOf(parts, id)
  checkUnneeded(parts, id)
  await note(parts, { action: 'plugin.uninstall', target: id, data: { version } })
  await parts.roster.remove(id)
  await parts.store.remove(id)
  await parts.files.remove(id, version)
  await parts.forget(id)
  parts.events.emit('plugin.uninstalled', { plugin: id, version })
}

const call = async (
  parts: RegistryParts,
  { plugin, action, input, principalId }: Parameters<PluginRegistry['call']>[0],
  signal: AbortSignal,
): Promise<unknown> => {
  const { roster, allowActions, clock, invoke } = parts
  const effect =
    roster
      .find(plugin)
      ?.actions()
      .find(({ name }) => name === action)?.effect ?? 'read'
  const isAllowed = allowActions.includes(action) || allowActions.includes(`${plugin}/${action}`)
  if (!harmless.includes(effect) && !isAllowed)
    throw new PluginError(
      'plugin.effect-refused',
      `${plugin}/${action} has the effect ${effect} and is not named in actions.allow.`,
    )
  const [callId, turnId] = [newId('call', clock.now()), newId('turn', clock.now())]
  const context = { callId, turnId, principalId, character: 'operator' }
  return invoke({ plugin, action, input, call: context }, { signal })
}

/** Changes go one after another, so that no two of them meet in one folder. */
export const pluginRegistry = (parts: RegistryParts): PluginRegistry => {
  const alone = turnstile(1)
  const changing =
    <A extends readonly unknown[]>(
      action: string,
      work: (id: string, ...rest: A) => Promise<PluginDetails>,
    ) =>
    (id: string, ...rest: A) =>
      told(parts, { action, target: id }, () => alone(() => work(id, ...rest)))
  return {
    install: (packed, options) =>
      told(parts, { action: 'plugin.install' }, () => alone(() => install(parts, packed, options))),
    show: (id) => details(parts, id),
    enable: changing('plugin.enable', (id) => enable(parts, id, true)),
    disable: changing('plugin.disable', (id) => enable(parts, id, false)),
    uninstall: (id) =>
      told(parts, { action: 'plugin.uninstall', target: id }, () => alone(() => uninstall(parts, id))),
    grant: changing('permission.grant', (id, wish: GrantWish) => change(parts, id, { wish, granted: true })),
    revoke: changing('permission.revoke', (id, wish: GrantWish) =>
      change(parts, id, { wish, granted: false }),
    ),
    call: (wanted, signal) =>
      told(parts, { action: 'action.call', target: `${wanted.plugin}/${wanted.action}` }, () =>
        call(parts, wanted, signal),
      ),
  }
}
