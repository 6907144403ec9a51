import { type IsolationLevel, PluginError, type PluginInfo } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { IsolationConfig } from '../../config.ts'

export type Trust = PluginInfo['trust']
/** A level at which something runs. */
export type Level = Exclude<IsolationLevel, 'unavailable'>

/** What is known of a plugin before its level is chosen: before it has described itself, only whose it is. */
export interface Applicant {
  readonly trust: Trust
  readonly id?: string
  /** What its manifest asks for. */
  readonly asked?: Manifest['isolation']['level']
}

const tiers = { 'first-party': 'firstParty', signed: 'signed', unverified: 'unverified' } as const
const ladder = ['worker', 'process', 'container', 'vm'] as const
type Rung = (typeof ladder)[number]

const strongest = (rungs: readonly (Rung | undefined)[]): Rung =>
  ladder.findLast((rung) => rungs.includes(rung)) ?? 'process'

const isInline = ({ trust, id }: Applicant, { inline }: IsolationConfig): boolean => {
  if (id === undefined || !inline.includes(id)) return false
  if (trust === 'first-party') return true
  throw new PluginError(
    'plugin.isolation-unavailable',
    `${id} is named in isolation.inline, which is for plugins that ship with the server; take it out of there`,
  )
}

/** Only first-party code may ask for less than a process. */
const asks = ({ trust, asked = 'process' }: Applicant): Rung =>
  asked === 'worker' && trust !== 'first-party' ? 'process' : asked

/**
 * Levels at which a plugin may run, the one to try first in front. The first that holds on this machine is taken; none
 * is less than what the author, the operator and the tier of trust ask for.
 */
export const levelsFor = (plugin: Applicant, settings: IsolationConfig): readonly Level[] => {
  if (isInline(plugin, settings)) return ['inline']
  const { trust, id } = plugin
  const byPlugin = id !== undefined && Object.hasOwn(settings.plugins, id) ? settings.plugins[id] : undefined
  const byOperator = [settings.least[tiers[trust]], byPlugin]
  const least = strongest([asks(plugin), ...byOperator])
  if (least === 'worker') return ['worker']
  const levels = ladder.slice(ladder.indexOf(least))
  const isRaised = least !== 'process' || byOperator.some((level) => level !== undefined)
  if (isRaised) return levels
  if (trust === 'first-party') return ['process', 'process-weak', 'container', 'vm']
  return settings.allowWeak ? [...levels, 'process-weak'] : levels
}
