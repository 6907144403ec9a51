import { PluginError } from '@covent/core'
import type { PluginSource } from '../source/plugin-source.ts'

/** Which source has which id: the first that claims one keeps it, and bundled plugins come first. */
export interface IdClaims {
  claim(id: string, source: PluginSource): Promise<void>
  /** Sets free the id of an installed package. */
  release(id: string): void
}

export const idClaims = (bundledSettled: () => Promise<void>): IdClaims => {
  const owners = new Map<string, PluginSource>()
  return {
    async claim(id, source) {
      if (source.trust !== 'first-party') await bundledSettled()
      const owner = owners.get(id) ?? source
      owners.set(id, owner)
      if (owner === source) return
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
