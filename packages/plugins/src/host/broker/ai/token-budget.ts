import { type Clock, type KeyValueStore, newId, PluginError } from '@covent/core'
import * as z from 'zod'

export interface TokenWish {
  readonly plugin: string
  readonly permission: string
  /** As many as it may come to. */
  readonly tokens: number
  readonly perDay: number
}

/** Takes tokens of a plugin's day before they are used, and gives back what was not. */
export interface TokenBudget {
  /** Throws `plugin.quota-exceeded` where too few are left. The result settles what was really used. */
  reserve(wish: TokenWish): Promise<(used: number) => Promise<void>>
}

const dayMs = 86_400_000
/** No plugin has an id without a point, so none reaches these values. */
const namespace = { plugin: 'budgets', scope: 'plugin', owner: '' } as const
const triesAtMost = 100

const over = ({ plugin, perDay, permission }: TokenWish, left: number): PluginError =>
  new PluginError(
    'plugin.quota-exceeded',
    `${plugin} may use ${perDay} tokens a day by ${permission}, of which ${left} are left; ask for fewer by maxTokens, or wait until midnight UTC`,
  )

/** Counts in the store, so that neither a restart nor a second server forgets what was used. */
export const tokenBudget = (store: KeyValueStore, clock: Clock): TokenBudget => {
  const change = async (key: string, next: (used: number) => number): Promise<void> => {
    for (let n = 0; n < triesAtMost; n++) {
      const nowMs = clock.now()
      const expected = await store.get(namespace, key, nowMs)
      const used = next(z.number().parse(expected ?? 0))
      const options = { operationId: newId('call', nowMs), nowMs, expiresAt: nowMs + 2 * dayMs }
      if (await store.compareAndSet(namespace, key, { expected, next: used }, options)) return
    }
    throw new PluginError('plugin.overloaded', 'too many calls change the budget of tokens at once')
  }
  return {
    async reserve(wish) {
      const { plugin, permission, tokens, perDay } = wish
      const day = new Date(clock.now()).toISOString().slice(0, 10)
      const key = `${plugin}/${permission}/${day}`
      await change(key, (used) => {
        if (used + tokens > perDay) throw over(wish, Math.max(0, perDay - used))
        return used + tokens
      })
      return (really) => change(key, (used) => Math.max(0, used - tokens + really))
    },
  }
}
