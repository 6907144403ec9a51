import type { RateLimiter, RateLimits, RatePolicy } from '@covent/core'
import { type Route, routeName } from '../http/route.ts'

type Rate = Omit<RatePolicy, 'name'>
/** Limits that routes name. */
export type RateClass = 'chat' | 'expensive' | 'pairing'

/** The settings `rateLimit`. */
export interface RateSettings extends Readonly<Record<RateClass | 'default' | 'failures', Rate>> {
  readonly enabled: boolean
  readonly global?: Rate | undefined
  readonly routes: Readonly<Record<string, Rate>>
  readonly exempt: readonly string[]
}

export interface Limit {
  readonly policy: RatePolicy
  readonly limiter: RateLimiter
}

export interface LimitTable {
  /** The one in the settings for that very route, else that of its class. */
  of(route: Route): Limit | undefined
  readonly failures: Limit
  readonly global: Limit | undefined
}

export const limitTable = (limits: RateLimits, settings: RateSettings): LimitTable => {
  const limitOf = (name: string, rate: Rate): Limit => {
    const policy = { ...rate, name }
    return { policy, limiter: limits.limiter(policy) }
  }
  const names = ['default', 'chat', 'expensive', 'pairing'] as const
  const classes = new Map(names.map((name) => [name, limitOf(name, settings[name])]))
  const routes = new Map(Object.entries(settings.routes).map(([name, rate]) => [name, limitOf(name, rate)]))
  return {
    of(route) {
      const own = routes.get(routeName(route))
      if (own !== undefined || route.rate === 'none') return own
      return classes.get(route.rate ?? 'default')
    },
    failures: limitOf('failures', settings.failures),
    global: settings.global && limitOf('global', settings.global),
  }
}
