import type { GrantWish, PluginRecord } from '@covent/core'
import { note, noteLess } from '../audit/changes.ts'
import type { PluginPackage } from '../../package/plugin-package.ts'
import { decisionsBy } from './installed-plugins.ts'
import { wished } from './permission-requests.ts'
import { recordOf, type RegistryParts, settledSoon } from './registry-parts.ts'

export interface Decision {
  readonly found: PluginPackage
  readonly wish: GrantWish
  readonly granted: boolean
}

/** Remembers what an operator decided of an artifact; `noted` resolves when the audit has what was taken away. */
export const decide = async (
  parts: RegistryParts,
  { found, wish, granted }: Decision,
): Promise<{ readonly noted: Promise<unknown> }> => {
  const { store, clock, events, logger } = parts
  const { id } = found.plugin
  const noted: Promise<void>[] = []
  for (const permission of wished(found.plugin, wish)) {
    const change = { target: id, data: { permission, digest: found.digest } }
    if (granted) await note(parts, { action: 'permission.grant', ...change })
    else noted.push(noteLess(parts, { action: 'permission.revoke', ...change }))
    await store.decide({ plugin: id, digest: found.digest, permission, granted, decidedAt: clock.now() })
    const name = granted ? 'plugin.permission-granted' : 'plugin.permission-revoked'
    events.emit(name, { plugin: id, permission })
    logger.info(granted ? 'permission granted' : 'permission revoked', { plugin: id, permission })
  }
  return { noted: Promise.all(noted) }
}

export const restart = async (parts: RegistryParts, record: PluginRecord): Promise<void> =>
  settledSoon(await parts.roster.put(parts.installed.entryOf(record)), parts.clock)

/** Decides for what is installed; it holds when this resolves. */
export const changeGrants = async (
  parts: RegistryParts,
  id: string,
  change: Omit<Decision, 'found'>,
): Promise<void> => {
  const record = await recordOf(parts, id)
  const { noted } = await decide(parts, { ...change, found: await parts.installed.read(record) })
  const decisions = decisionsBy(await parts.store.grants(id, record.digest))
  const isInForce = !record.enabled || parts.roster.find(id)?.decide(record.digest, decisions) === true
  if (!isInForce) await restart(parts, record)
  await noted
}
