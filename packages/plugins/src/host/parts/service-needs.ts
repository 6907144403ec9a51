import { PluginError, type PluginInfo, type PluginState } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { LoadedPlugin } from '../load-plugin.ts'
import { fitsRange } from './version-range.ts'

/** A plugin as others see it who need its services. */
export interface Neighbour {
  readonly trust: PluginInfo['trust']
  /** As it last described itself. */
  manifest(): Manifest | undefined
  state(): PluginState
  running(): LoadedPlugin | undefined
  /** Resolves when it has described itself or could not. */
  readonly described: Promise<void>
  /** Resolves when it is first ready, or known not to be. */
  readonly settled: Promise<void>
}

export type ServiceUse = Manifest['uses'][number]

/** Who provides what, and what stands in the way. */
export interface ServiceNeeds {
  /** The plugin that provides a service in a version that fits. */
  provided(use: ServiceUse): Neighbour | undefined
  /** Throws with the chain where a needed service is missing or plugins need each other. */
  follow(manifest: Manifest, chain?: readonly string[]): void
  /** Waits until what is needed is ready. */
  wait(manifest: Manifest): Promise<void>
}

const missing = (message: string): PluginError => new PluginError('plugin.dependency-missing', message)
export const useWords = ({ service, range }: Pick<ServiceUse, 'service' | 'range'>): string =>
  `${service} ${range}`

export const serviceNeeds = (neighbours: () => readonly Neighbour[]): ServiceNeeds => {
  /** The first one wins: bundled plugins come before a stranger's. */
  const providerOf = (service: string): Neighbour | undefined =>
    neighbours().find(
      (one) =>
        one.state() !== 'refused' && one.manifest()?.provides.some((offer) => offer.service === service),
    )
  const offered = (provider: Neighbour, { service }: ServiceUse): string =>
    provider.manifest()!.provides.find((offer) => offer.service === service)!.version

  const provided = (use: ServiceUse): Neighbour | undefined => {
    const provider = providerOf(use.service)
    return provider !== undefined && fitsRange(offered(provider, use), use.range) ? provider : undefined
  }
  const absence = (use: ServiceUse): string => {
    const provider = providerOf(use.service)
    if (provider === undefined) return 'which no plugin provides'
    return `of which ${provider.manifest()!.id} provides ${offered(provider, use)}`
  }
  /** Follows what is needed; `chain` names the plugins and services on the way. */
  const follow = (manifest: Manifest, chain: readonly string[] = []): void => {
    const here = [...chain, manifest.id]
    if (chain.includes(manifest.id)) throw missing(`plugins need each other: ${here.join(' → ')}`)
    for (const use of manifest.uses.filter(({ optional }) => !optional)) {
      const provider = provided(use)
      if (provider === undefined) throw missing(`${here.join(' → ')} needs ${useWords(use)}, ${absence(use)}`)
      follow(provider.manifest()!, here)
    }
  }
  const wait = async (manifest: Manifest): Promise<void> => {
    for (const use of manifest.uses.filter(({ optional }) => !optional)) {
      const provider = provided(use)
      await provider?.settled
      const state = provider?.state() ?? 'stopped'
      if (['ready', 'degraded', 'starting'].includes(state)) continue
      const id = provider?.manifest()?.id ?? 'nobody'
      throw missing(`${manifest.id} needs ${useWords(use)} of ${id}, which is ${state}`)
    }
  }

  return { provided, follow, wait }
}
