import { type KeptPlugin, PluginError, type PluginRecord, systemActor } from '@covent/core'
import { compare, lt } from 'semver'
import { writeLock } from '../registry/lock-desk.ts'
import { note } from '../audit/changes.ts'
import { recordOf, type RegistryParts, settledSoon } from '../registry/registry-parts.ts'

const previousKept = 2

type Version = Pick<PluginRecord, 'id' | 'version' | 'digest' | 'keyId'>

const asKept = (
  { id, version, digest, keyId }: Version,
  role: KeptPlugin['role'],
  now: number,
): KeptPlugin => ({
  id,
  version,
  digest,
  role,
  keptAt: now,
  ...(keyId !== undefined && { keyId }),
})

/** Removes a version that is not in force: its files, and what was decided of it. */
export const discard = async ({ store, files, clock }: RegistryParts, version: Version): Promise<void> => {
  // A version that was in force stands in no row by which its grants are found.
  await store.keep(asKept(version, 'previous', clock.now()))
  await store.drop(version.id, version.version)
  await files.remove(version.id, version.version)
}

const prune = async (parts: RegistryParts, id: string): Promise<void> => {
  const previous = (await parts.store.kept(id)).filter(({ role }) => role === 'previous')
  for (const old of previous.slice(previousKept)) await discard(parts, old)
}

export interface Succession {
  readonly record: PluginRecord
  readonly prior: PluginRecord
  /** What becomes of the prior version once the new one holds. */
  readonly leaves: 'kept' | 'gone'
}

/** The new version did not hold, and the one before it serves again: the records follow. */
const undo = async (parts: RegistryParts, { record, prior, leaves }: Succession): Promise<void> => {
  const { store, clock, events } = parts
  const { id } = record
  const current = await store.find(id)
  if (current?.digest !== record.digest) return
  await store.put({ ...prior, enabled: current.enabled })
  await store.drop(id, prior.version)
  if (leaves === 'gone') await store.keep(asKept(record, 'previous', clock.now()))
  else await discard(parts, record)
  await writeLock(parts)
  const data = { version: prior.version, from: record.version }
  parts.audit.note({ actor: systemActor, action: 'plugin.rollback', target: id, outcome: 'allowed', data })
  events.emit('plugin.rolled-back', { plugin: id, ...data })
}

/**
 * Puts a version into the place of the one in force, without loss. Rejects with `plugin.rolled-back` where it does not
 * start or is not well; then nothing has changed.
 */
export const takeOver = async (parts: RegistryParts, succession: Succession): Promise<void> => {
  const { store, roster, installed, clock, logger } = parts
  const { record, prior, leaves } = succession
  const placed = await roster.put(installed.entryOf(record))
  await store.keep(asKept(prior, 'previous', clock.now()))
  await store.put(record)
  await store.drop(record.id, record.version)
  await settledSoon(placed, clock)
  const afterwards = async (): Promise<void> => {
    if ((await placed.watched) !== undefined) return undo(parts, succession)
    if (leaves === 'gone') await discard(parts, prior)
    await prune(parts, record.id)
  }
  void afterwards().catch((error: unknown) =>
    logger.error('a version of a plugin cannot be put away', { plugin: record.id, error }),
  )
}

/** What was refused to the newer version is not given to the older one. */
const keepDenials = async ({ store, clock }: RegistryParts, from: Version, to: Version): Promise<void> => {
  const denied = (await store.grants(from.id, from.digest)).filter(({ granted }) => !granted)
  for (const decision of denied)
    await store.decide({ ...decision, digest: to.digest, decidedAt: clock.now() })
}

/** Goes back to the version that was in force before; what waits for consent is given up. */
export const goBack = async (parts: RegistryParts, id: string): Promise<void> => {
  const { store, installed, clock, events } = parts
  const prior = await recordOf(parts, id)
  const kept = await store.kept(id)
  const target = kept
    .filter(({ role, version }) => role === 'previous' && lt(version, prior.version))
    .toSorted((a, b) => compare(b.version, a.version))[0]
  if (target === undefined)
    throw new PluginError('plugin.version-conflict', `no version of ${id} before ${prior.version} is kept`)
  await installed.read(target)
  const data = { version: target.version, from: prior.version }
  await note(parts, { action: 'plugin.rollback', target: id, data })
  for (const pending of kept.filter(({ role }) => role === 'pending')) await discard(parts, pending)
  await keepDenials(parts, prior, target)
  const { role: _, keptAt: __, ...version } = target
  const record = { ...version, enabled: prior.enabled, installedAt: clock.now() }
  await takeOver(parts, { record, prior, leaves: 'gone' })
  events.emit('plugin.rolled-back', { plugin: id, version: record.version, from: prior.version })
}
