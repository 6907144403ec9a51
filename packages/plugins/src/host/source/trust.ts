import { PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { PluginsConfig } from '../../config.ts'
import type { PluginSource } from './plugin-source.ts'

/** Refuses what nobody signed, unless the operator said otherwise. */
export const admit = ({ name, trust }: PluginSource, { allowUnsigned }: PluginsConfig): void => {
  if (trust === 'first-party' || allowUnsigned) return
  const message = `${name} is not signed; set plugins.allowUnsigned to run it isolated, with the permissions of plugins.grants only`
  throw new PluginError('plugin.signature-missing', message)
}

const covers = (entry: string, id: string): boolean =>
  entry.endsWith('.*') ? id.startsWith(entry.slice(0, -1)) : entry === id

/** Refuses what the operator's lists keep out; what ships with the server needs no place on the list of allowed ones. */
export const checkListed = (
  id: string,
  trust: PluginSource['trust'],
  { allow, deny }: Pick<PluginsConfig, 'allow' | 'deny'>,
): void => {
  const refuse = (why: string): never => {
    throw new PluginError('plugin.not-allowed', `${id} is refused: ${why}`)
  }
  const denied = deny.find((entry) => covers(entry, id))
  if (denied !== undefined) refuse(`the setting plugins.deny names ${denied}`)
  if (trust === 'first-party' || allow === undefined) return
  if (!allow.some((entry) => covers(entry, id))) refuse('the setting plugins.allow does not name it')
}

/** What a plugin may use: a bundled one what it requires, another one what the operator gave of what it asks for. */
export const grantsFor = (
  { id, permissions }: Manifest,
  trust: PluginSource['trust'],
  { grants }: PluginsConfig,
): ReadonlySet<string> => {
  if (trust === 'first-party') return new Set(Object.keys(permissions.required))
  const asked = new Set([...Object.keys(permissions.required), ...Object.keys(permissions.optional)])
  const given = Object.hasOwn(grants, id) ? grants[id]! : []
  return new Set(given.filter((permission) => asked.has(permission)))
}

/** Names under `covent.` are of plugins that ship with the server. */
export const checkName = ({ id }: Manifest, trust: PluginSource['trust']): void => {
  if (trust === 'first-party' || !id.startsWith('covent.')) return
  throw new PluginError(
    'plugin.invalid',
    `${id}: ids under covent. are reserved; choose a namespace of your own`,
  )
}
