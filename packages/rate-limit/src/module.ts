import {
  Budgets,
  Clock,
  type HealthCheck,
  HealthRegistry,
  Lifecycle,
  Logger,
  RateLimits,
  Stores,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import { storedBudgets } from './budgets/budgets.ts'
import type { RedisRateLimits } from './drivers/redis.ts'
import { memoryRateLimits } from './drivers/memory.ts'

export interface RateLimitModuleOptions {
  /** Of the Redis that counts for all replicas; in this process, when absent. */
  readonly redisUrl?: string | undefined
}

const sharing = (limits: RedisRateLimits): HealthCheck => ({
  name: 'rate-limits',
  critical: false,
  check: () =>
    limits.isShared()
      ? { ok: true }
      : { ok: false, detail: 'Redis does not answer: counted by this process alone' },
})

/** Binds `RateLimits`, and `Budgets` that count in the database. */
export const rateLimitModule = ({ redisUrl: url }: RateLimitModuleOptions): ContainerModule =>
  new ContainerModule(async ({ bind }) => {
    bind(Budgets).toResolvedValue(({ keyValues }, clock) => storedBudgets(keyValues, clock), [Stores, Clock])
    if (url === undefined) {
      bind(RateLimits).toResolvedValue((clock) => memoryRateLimits({ clock }), [Clock])
      return
    }
    const { redisRateLimits } = await import('./drivers/redis.ts')
    bind(RateLimits).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (clock, logger, health, lifecycle) => {
        const limits = lifecycle.add(redisRateLimits({ url, clock, logger }))
        health.add(sharing(limits))
        return limits
      },
      [Clock, Logger, HealthRegistry, Lifecycle],
    )
  })
