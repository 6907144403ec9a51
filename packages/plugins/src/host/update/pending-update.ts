import { type KeptPlugin, PluginError, type PluginRecord, type UpdateFinding } from '@covent/core'
import type { PluginPackage } from '../../package/plugin-package.ts'
import { note } from '../audit/changes.ts'
import { recordOf, type RegistryParts } from '../registry/registry-parts.ts'
import { carriedGrants } from './carried-grants.ts'
import { manifestDiff } from './manifest-diff.ts'
import { discard, takeOver } from './take-over.ts'

export const pendingOf = async ({ store }: RegistryParts, id: string): Promise<KeptPlugin | undefined> =>
  (await store.kept(id)).find(({ role }) => role === 'pending')

type Version = Pick<PluginRecord, 'id' | 'version' | 'digest' | 'keyId'>

/** In which a version that stands in the store differs from the one in force. */
export const updateFindings = async (
  { installed }: RegistryParts,
  record: Version,
  next: Version,
): Promise<readonly UpdateFinding[]> =>
  manifestDiff(
    { manifest: (await installed.read(record)).plugin, keyId: record.keyId },
    { manifest: (await installed.read(next)).plugin, keyId: next.keyId },
  )

/** Lets a version in that stands beside the one in force: its grants first, then the change of processes. */
const admitUpdate = async (parts: RegistryParts, prior: PluginRecord, next: KeptPlugin): Promise<void> => {
  const { store, installed, clock, events } = parts
  const { id, version, digest } = next
  const [before, after] = [await installed.read(prior), await installed.read(next)]
  const decisions = await store.grants(id, prior.digest)
  const findings = await updateFindings(parts, prior, next)
  const decided = new Set((await store.grants(id, digest)).map(({ permission }) => permission))
  const carried = carriedGrants({ before: before.plugin, after: after.plugin, decisions, findings })
  for (const { permission, granted } of carried.filter((one) => !decided.has(one.permission))) {
    const isNew = granted && !decisions.some((old) => old.permission === permission)
    if (isNew) await note(parts, { action: 'permission.grant', target: id, data: { permission, digest } })
    await store.decide({ plugin: id, digest, permission, granted, decidedAt: clock.now() })
    if (isNew) events.emit('plugin.permission-granted', { plugin: id, permission })
  }
  const { role: _, keptAt: __, ...artifact } = next
  const record = { ...artifact, enabled: prior.enabled, installedAt: clock.now() }
  try {
    await takeOver(parts, { record, prior, leaves: 'kept' })
  } catch (error) {
    await discard(parts, next)
    throw error
  }
  events.emit('plugin.updated', { plugin: id, version, from: prior.version })
}

/** Puts a newer package beside the one in force, in place of any that waited. */
export const stage = async (
  parts: RegistryParts,
  { found, keyId }: { readonly found: PluginPackage; readonly keyId: string | undefined },
): Promise<KeptPlugin> => {
  const { store, files, clock } = parts
  const { id, version } = found.plugin
  const replaced = (await store.kept(id)).filter(
    (kept) => kept.role === 'pending' || kept.version === version,
  )
  for (const kept of replaced) await discard(parts, kept)
  await files.write(found)
  const signed = keyId !== undefined && { keyId }
  const next = { id, version, digest: found.digest, ...signed, role: 'pending', keptAt: clock.now() } as const
  await store.keep(next)
  return next
}

/** Lets a staged version in where it may do no more than the one in force; else it waits for consent. */
export const settleUpdate = async (
  parts: RegistryParts,
  prior: PluginRecord,
  next: KeptPlugin,
): Promise<void> => {
  const findings = await updateFindings(parts, prior, next)
  if (!findings.some(({ widens }) => widens)) return admitUpdate(parts, prior, next)
  const { id, version } = next
  parts.logger.warn('an update of a plugin waits for consent', { plugin: id, version })
  parts.events.emit('plugin.update-requested', { plugin: id, version, from: prior.version })
}

const waiting = async (parts: RegistryParts, id: string): Promise<KeptPlugin> => {
  const pending = await pendingOf(parts, id)
  if (pending !== undefined) return pending
  throw new PluginError('plugin.not-found', `no update of ${id} waits for consent`)
}

/** An operator's consent to exactly the artifact that was shown. */
export const consentTo = async (parts: RegistryParts, id: string, digest: string): Promise<void> => {
  const prior = await recordOf(parts, id)
  const pending = await waiting(parts, id)
  if (pending.digest !== digest)
    throw new PluginError(
      'plugin.version-conflict',
      `what waits for ${id} is ${pending.version} with the digest ${pending.digest}; look at it again`,
    )
  const data = { version: pending.version, from: prior.version, digest }
  await note(parts, { action: 'plugin.consent', target: id, data })
  await admitUpdate(parts, prior, pending)
}

export const reject = async (parts: RegistryParts, id: string): Promise<void> => {
  await recordOf(parts, id)
  const pending = await waiting(parts, id)
  await note(parts, { action: 'plugin.reject', target: id, data: { version: pending.version } })
  await discard(parts, pending)
}
