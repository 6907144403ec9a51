import {
  type AuditEntry,
  type GrantWish,
  isNamedIn,
  newId,
  type PluginDetails,
  PluginError,
  type PluginRegistry,
  type Reconfigured,
} from '@covent/core'
import { note, noteLess, told } from '../audit/changes.ts'
import { checkListed } from '../source/trust.ts'
import { turnstile } from '../turnstile.ts'
import { installPackage, previewPackage } from '../update/install-package.ts'
import { consentTo, reject } from '../update/pending-update.ts'
import { goBack } from '../update/take-over.ts'
import { changeGrants, restart } from './decisions.ts'
import { writeLock } from './lock-desk.ts'
import { pluginDetails } from './plugin-details.ts'
import { recordOf, type RegistryParts } from './registry-parts.ts'
import { trustedKeys } from '../source/trusted-keys.ts'

type Change = Pick<AuditEntry, 'action' | 'target'>

const harmless = ['read', 'write']

const list = async ({ roster, store }: RegistryParts): ReturnType<PluginRegistry['list']> => {
  const pending = new Map((await store.pending()).map((kept) => [kept.id, kept.version]))
  return roster.plugins.map((plugin) => {
    const info = plugin.info()
    const version = pending.get(info.id)
    return version === undefined
      ? info
      : { ...info, update: { version, state: 'update-pending-consent' as const } }
  })
}

/** Nothing is taken away under others: who needs it is named instead. */
const checkUnneeded = ({ roster }: RegistryParts, id: string): void => {
  const words = roster.dependents(id).map((other) => `${other.id} needs ${other.words}`)
  if (words.length > 0) throw new PluginError('plugin.in-use', `${id} is in use: ${words.join('; ')}`)
}

const enable = async (parts: RegistryParts, id: string): Promise<void> => {
  const record = { ...(await recordOf(parts, id)), enabled: true }
  checkListed(id, 'unverified', parts.settings)
  await note(parts, { action: 'plugin.enable', target: id })
  await parts.store.put(record)
  await restart(parts, record)
}

const disable = async (parts: RegistryParts, id: string): Promise<void> => {
  const record = { ...(await recordOf(parts, id)), enabled: false }
  checkUnneeded(parts, id)
  const noted = noteLess(parts, { action: 'plugin.disable', target: id })
  await parts.store.put(record)
  await restart(parts, record)
  await noted
}

const uninstall = async (parts: RegistryParts, id: string): Promise<void> => {
  const { version } = await recordOf(parts, id)
  checkUnneeded(parts, id)
  const kept = await parts.store.kept(id)
  await note(parts, { action: 'plugin.uninstall', target: id, data: { version } })
  await parts.roster.remove(id)
  await parts.store.remove(id)
  for (const one of new Set([version, ...kept.map((other) => other.version)]))
    await parts.files.remove(id, one)
  await parts.forget(id)
  parts.events.emit('plugin.uninstalled', { plugin: id, version })
}

const reconfigure = async (parts: RegistryParts): Promise<readonly Reconfigured[]> => {
  const done = await parts.roster.reconfigure(await parts.rereadSettings())
  for (const { id, outcome, reason } of done) {
    const data = { outcome, ...(reason !== undefined && { reason }) }
    await note(parts, { action: 'plugin.configure', target: id, data })
    parts.logger.info('settings of a plugin changed', { plugin: id, outcome, reason })
  }
  if (done.length > 0)
    parts.events.emit('config.changed', { keys: done.map(({ id }) => `plugins.config.${id}`) })
  return done
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
  const isAllowed = isNamedIn(new Set(allowActions), { plugin, name: action })
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
  const changed = <T>(change: Change, work: () => Promise<T>): Promise<T> =>
    told(parts, change, () => alone(() => work().finally(() => writeLock(parts))))
  const changing =
    <A extends readonly unknown[]>(action: string, work: (id: string, ...rest: A) => Promise<void>) =>
    (id: string, ...rest: A): Promise<PluginDetails> =>
      changed({ action, target: id }, async () => {
        await work(id, ...rest)
        return pluginDetails(parts, id)
      })
  return {
    list: () => list(parts),
    trust: trustedKeys(parts, changed),
    show: (id) => pluginDetails(parts, id),
    preview: (packed, options) => previewPackage(parts, packed, options),
    install: (packed, options) =>
      changed({ action: 'plugin.install' }, async () =>
        pluginDetails(parts, await installPackage(parts, packed, options)),
      ),
    consent: changing('plugin.consent', (id, digest: string) => consentTo(parts, id, digest)),
    reject: changing('plugin.reject', (id) => reject(parts, id)),
    rollback: changing('plugin.rollback', (id) => goBack(parts, id)),
    enable: changing('plugin.enable', (id) => enable(parts, id)),
    disable: changing('plugin.disable', (id) => disable(parts, id)),
    uninstall: (id) => changed({ action: 'plugin.uninstall', target: id }, () => uninstall(parts, id)),
    reconfigure: () => changed({ action: 'plugin.configure' }, () => reconfigure(parts)),
    grant: changing('permission.grant', (id, wish: GrantWish) =>
      changeGrants(parts, id, { wish, granted: true }),
    ),
    revoke: changing('permission.revoke', (id, wish: GrantWish) =>
      changeGrants(parts, id, { wish, granted: false }),
    ),
    call: (wanted, signal) =>
      told(parts, { action: 'action.call', target: `${wanted.plugin}/${wanted.action}` }, () =>
        call(parts, wanted, signal),
      ),
  }
}
