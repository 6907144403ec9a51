import { PluginError, type PluginInfo, type PluginState } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import { satisfies } from 'semver'
import type { LoadedPlugin } from '../load-plugin.ts'

/** A plugin as others see it who need it. */
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

/** One thing without which a plugin does not start: a service, or another plugin itself. */
interface Need {
  readonly words: string
  /** What of a plugin would answer to it, in which version. */
  offered(manifest: Manifest): string | undefined
  readonly range: string
}

/** A plugin that cannot go on without another. */
export interface Dependent {
  readonly id: string
  /** What it needs: `acme.geo ^1.0.0`. */
  readonly words: string
  /** Whether a manifest would still be enough. */
  fits(manifest: Manifest): boolean
}

/** Who needs whom, and what stands in the way. */
export interface ServiceNeeds {
  /** The plugin that provides a service in a version that fits. */
  provided(use: ServiceUse): Neighbour | undefined
  /** Throws with the chain where something needed is missing or plugins need each other. */
  follow(manifest: Manifest, chain?: readonly string[]): void
  /** Waits until what is needed is ready. */
  wait(manifest: Manifest): Promise<void>
  dependents(id: string): readonly Dependent[]
}

const missing = (message: string): PluginError => new PluginError('plugin.dependency-missing', message)
export const useWords = ({ service, range }: Pick<ServiceUse, 'service' | 'range'>): string =>
  `${service} ${range}`

const serviceNeed = (use: ServiceUse): Need => ({
  words: useWords(use),
  range: use.range,
  offered: ({ provides }) => provides.find(({ service }) => service === use.service)?.version,
})
const pluginNeed = ([wanted, range]: readonly [string, string]): Need => ({
  words: `the plugin ${wanted} ${range}`,
  range,
  offered: ({ id, version }) => (id === wanted ? version : undefined),
})

/** What a plugin cannot start without, services first, each in the order of its names. */
const needsOf = ({ uses, dependsOn }: Manifest): readonly Need[] => [
  ...uses.filter(({ optional }) => !optional).map(serviceNeed),
  ...Object.entries(dependsOn).map(pluginNeed),
]

const isEnough = ({ offered, range }: Need, manifest: Manifest): boolean => {
  const version = offered(manifest)
  return version !== undefined && satisfies(version, range)
}

export const serviceNeeds = (neighbours: () => readonly Neighbour[]): ServiceNeeds => {
  const known = (): readonly (Neighbour & { readonly says: Manifest })[] =>
    neighbours().flatMap((one) => {
      const says = one.manifest()
      return says === undefined || one.state() === 'refused' ? [] : [{ ...one, says }]
    })
  /** The first one wins: bundled plugins come before a stranger's. */
  const candidate = (need: Need) => known().find(({ says }) => need.offered(says) !== undefined)
  const met = (need: Need) => {
    const found = candidate(need)
    return found !== undefined && isEnough(need, found.says) ? found : undefined
  }
  const dependents = (id: string): readonly Dependent[] =>
    known().flatMap(({ says }) =>
      needsOf(says)
        .filter((need) => says.id !== id && met(need)?.says.id === id)
        .map((need) => ({ id: says.id, words: need.words, fits: (manifest) => isEnough(need, manifest) })),
    )
  const absence = (need: Need): string => {
    const found = candidate(need)
    if (found === undefined) return 'which no plugin provides'
    const { id } = found.says
    const others = dependents(id).map((other) => `; ${other.id} needs ${other.words}`)
    return `of which ${id} provides ${need.offered(found.says)}${others.join('')}`
  }
  /** Follows what is needed; `chain` names the plugins on the way. */
  const follow = (manifest: Manifest, chain: readonly string[] = []): void => {
    const here = [...chain, manifest.id]
    if (chain.includes(manifest.id)) throw missing(`plugins need each other: ${here.join(' → ')}`)
    for (const need of needsOf(manifest)) {
      const provider = met(need)
      if (provider === undefined) throw missing(`${here.join(' → ')} needs ${need.words}, ${absence(need)}`)
      follow(provider.says, here)
    }
  }
  const wait = async (manifest: Manifest): Promise<void> => {
    for (const need of needsOf(manifest)) {
      const provider = met(need)
      await provider?.settled
      const state = provider?.state() ?? 'stopped'
      if (['ready', 'degraded', 'starting'].includes(state)) continue
      const id = provider?.says.id ?? 'nobody'
      throw missing(`${manifest.id} needs ${need.words} of ${id}, which is ${state}`)
    }
  }

  return { provided: (use) => met(serviceNeed(use)), follow, wait, dependents }
}
