import { AppError, type PluginDetails, type PluginUpdate } from '@covent/core'
import { pendingOf, updateFindings } from '../update/pending-update.ts'
import { permissionRequests } from './permission-requests.ts'
import { notInstalled, type RegistryParts } from './registry-parts.ts'

const updateOf = async (parts: RegistryParts, id: string): Promise<PluginUpdate | undefined> => {
  const [record, pending] = [await parts.store.find(id), await pendingOf(parts, id)]
  if (record === undefined || pending === undefined) return undefined
  const { version, digest, keyId } = pending
  const state = 'update-pending-consent'
  const update = { version, digest, state, ...(keyId !== undefined && { keyId }) } as const
  try {
    return { ...update, findings: await updateFindings(parts, record, pending) }
  } catch (error) {
    if (!AppError.is(error)) throw error
    return { ...update, findings: [], reason: error.message }
  }
}

/** A plugin as an operator sees it; one whose files were changed is shown with the reason. */
export const pluginDetails = async (parts: RegistryParts, id: string): Promise<PluginDetails> => {
  const plugin = parts.roster.find(id)
  if (plugin === undefined) throw notInstalled(id)
  const record = await parts.store.find(id)
  if (record === undefined) return plugin.info()
  const update = await updateOf(parts, id)
  const info = { ...plugin.info(), ...(update && { update }) }
  const { digest, keyId, installedAt } = record
  const facts = { digest, installedAt, ...(keyId !== undefined && { keyId }) }
  try {
    const { plugin: manifest } = await parts.installed.read(record)
    const permissions = permissionRequests(manifest, await parts.store.grants(id, digest))
    return { ...info, package: { ...facts, description: manifest.description, permissions } }
  } catch (error) {
    if (!AppError.is(error)) throw error
    return { ...info, reason: error.message, package: { ...facts, description: '', permissions: [] } }
  }
}
