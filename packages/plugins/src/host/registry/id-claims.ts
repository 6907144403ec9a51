import { PluginError } from '@covent/core'
import type { PluginSource } from '../source/plugin-source.ts'

const isSame = (one: PluginSource, other: PluginSource): boolean =>
  one.name === other.name && one.path === other.path

/**
 * Which source has which id: the first that claims one keeps it, and bundled plugins come first. Another version of the
 * same is the same source.
 */
export interface IdClaims {
  /** `expected` is the id that it must be, where that is known. */
  claim(id: string, source: PluginSource, expected?: string): Promise<void>
  /** Sets free the id of an installed package. */
  release(id: string): void
}

export const idClaims = (bundledSettled: () => Promise<void>): IdClaims => {
  const owners = new Map<string, PluginSource>()
  return {
    async claim(id, source, expected = id) {
      if (id !== expected)
        throw new PluginError('plugin.invalid', `${source.name} calls itself ${id} and was ${expected}`)
      if (source.trust !== 'first-party') await bundledSettled()
      const owner = owners.get(id) ?? source
      owners.set(id, owner)
      if (isSame(owner, source)) return
      throw new PluginError(
        'plugin.invalid',
        `${source.name}: ${id} is the id of the plugin in ${owner.name}`,
      )
    },
    release(id) {
      if (owners.get(id)?.open !== undefined) owners.delete(id)
    },
  }
}
