import { sandboxLimits } from '../isolation/sandbox-limits.ts'
import { PluginError, type PluginPreview, type PluginRecord, type PluginRegistry } from '@covent/core'
import { secretWords } from '@covent/plugin-sdk/manifest'
import { describeInSandbox } from '../../package/describe-in-sandbox.ts'
import { checkSays } from '../../package/package-manifest.ts'
import { type PluginPackage, readPackage } from '../../package/plugin-package.ts'
import { note } from '../audit/changes.ts'
import { admittedSigner, checkSuccession } from '../registry/admission.ts'
import { decide, restart } from '../registry/decisions.ts'
import { permissionRequests, wished } from '../registry/permission-requests.ts'
import type { RegistryParts } from '../registry/registry-parts.ts'
import { checkRuntime } from '../source/runtime-version.ts'
import { checkListed, checkName } from '../source/trust.ts'
import { changesSince } from './changelog.ts'
import { manifestDiff } from './manifest-diff.ts'
import { settleUpdate, stage } from './pending-update.ts'

interface Candidate {
  readonly found: PluginPackage
  readonly keyId: string | undefined
  readonly prior: PluginRecord | undefined
}

/** What must hold of a package before anything of it is written, or run for anybody. */
const candidate = async (
  parts: RegistryParts,
  packed: Uint8Array,
  { allowUnsigned }: { readonly allowUnsigned: boolean },
): Promise<Candidate> => {
  const { store, roster, trust, clock, settings } = parts
  const found = await readPackage(packed)
  const { id } = found.plugin
  checkName(found.plugin, 'unverified')
  checkListed(id, 'unverified', settings)
  checkRuntime(found.plugin)
  const isOpen = allowUnsigned || settings.allowUnsigned
  const keyId = await admittedSigner(found, { trust, clock, allowUnsigned: isOpen })
  const prior = await store.find(id)
  checkSuccession(found, prior)
  if (prior !== undefined || roster.find(id) === undefined) return { found, keyId, prior }
  throw new PluginError('plugin.version-conflict', `${id} is the id of a plugin that is no installed package`)
}

const describeAgain = async (
  { isolation, logger, settings }: RegistryParts,
  found: PluginPackage,
): Promise<void> => {
  const { memoryMb } = sandboxLimits(settings.limits, found.plugin)
  const code = { name: found.plugin.id, text: found.text, memoryMb, logger }
  checkSays(found.plugin, await describeInSandbox(isolation, code))
}

const putFirst = async (parts: RegistryParts, { found, keyId }: Candidate): Promise<void> => {
  const { store, files, clock } = parts
  const { id, version } = found.plugin
  await files.write(found)
  const signed = keyId !== undefined && { keyId }
  const record = { id, version, digest: found.digest, enabled: true, installedAt: clock.now(), ...signed }
  await store.put(record)
  await restart(parts, record)
}

/** Installs a package, or takes it as an update of what is installed; resolves with its id. */
export const installPackage = async (
  parts: RegistryParts,
  packed: Uint8Array,
  { allowUnsigned, grant, id: expected }: Parameters<PluginRegistry['install']>[1],
): Promise<string> => {
  const one = await candidate(parts, packed, { allowUnsigned })
  const { found, keyId, prior } = one
  const { id, version } = found.plugin
  if (expected !== undefined && expected !== id)
    throw new PluginError('plugin.version-conflict', `that is a package of ${id}, not of ${expected}`)
  wished(found.plugin, grant)
  await describeAgain(parts, found)
  const facts = { version, digest: found.digest, signedBy: keyId ?? 'nobody' }
  await note(parts, { action: 'plugin.install', target: id, data: facts })
  if (keyId === undefined) parts.logger.warn('an unsigned plugin was let in', { plugin: id, version })
  const isUpdate = prior !== undefined && prior.digest !== found.digest
  const next = isUpdate ? await stage(parts, one) : undefined
  await decide(parts, { found, wish: grant, granted: true })
  if (prior !== undefined && next !== undefined) await settleUpdate(parts, prior, next)
  else await putFirst(parts, one)
  const signed = keyId !== undefined && { keyId }
  if (!isUpdate) parts.events.emit('plugin.installed', { plugin: id, version, ...signed })
  return id
}

const changesOf = (found: PluginPackage, installed: string): string | undefined => {
  const bytes = found.contents.get('CHANGELOG.md')
  const text = bytes && new TextDecoder().decode(bytes)
  return text && changesSince(text, { installed, next: found.plugin.version })
}

/** What an install of a package would mean; writes nothing and runs none of its code. */
export const previewPackage = async (
  parts: RegistryParts,
  packed: Uint8Array,
  options: { readonly allowUnsigned: boolean },
): Promise<PluginPreview> => {
  const { found, keyId, prior } = await candidate(parts, packed, options)
  const { id, version, title, description } = found.plugin
  const owner = (await parts.trust.list()).find((key) => key.keyId === keyId)?.owner
  const changelog = prior && changesOf(found, prior.version)
  const before = prior && { manifest: (await parts.installed.read(prior)).plugin, keyId: prior.keyId }
  return {
    id,
    version,
    ...(title !== undefined && { title }),
    description,
    digest: found.digest,
    ...(keyId !== undefined && owner !== undefined && { signer: { keyId, owner } }),
    permissions: permissionRequests(found.plugin, await parts.store.grants(id, found.digest)),
    secrets: secretWords(found.plugin),
    ...(prior && { installed: prior.version }),
    findings: before === undefined ? [] : manifestDiff(before, { manifest: found.plugin, keyId }),
    ...(changelog !== undefined && { changelog }),
  }
}
