import { type Clock, type PermissionRequest, PluginError } from '@covent/core'

export type Decided = PermissionRequest['state']
/** Permission → whether it was granted; absent while nobody decided. */
export type Decisions = ReadonlyMap<string, boolean>

/** What a plugin may use at this moment, while its operator decides. */
export interface LiveGrants {
  /** Always the permissions that are granted now. */
  readonly granted: ReadonlySet<string>
  /** Aborts when one of the permissions that are granted now is taken away. */
  readonly withdrawn: AbortSignal
  stateOf(permission: string): Decided
  /** Puts these decisions in place of those before. */
  decide(decisions: Decisions): void
  /** Resolves at once for what was decided, else with the decision, or with `pending` after that time. */
  wait(permission: string, waitMs: number): Promise<Decided>
}

interface Waiter {
  readonly permission: string
  wake(): void
}

export const liveGrants = (first: Decisions, clock: Pick<Clock, 'sleep'>): LiveGrants => {
  let decisions = first
  const granted = new Set<string>()
  const waiters = new Set<Waiter>()
  let withdrawal = new AbortController()
  const decide = (next: Decisions): void => {
    decisions = next
    const isLess = [...granted].some((permission) => next.get(permission) !== true)
    granted.clear()
    for (const [permission, isGranted] of next) if (isGranted) granted.add(permission)
    for (const { permission, wake } of waiters) if (next.has(permission)) wake()
    if (!isLess) return
    withdrawal.abort(new PluginError('plugin.unavailable', 'a permission was withdrawn'))
    withdrawal = new AbortController()
  }
  const stateOf = (permission: string): Decided => {
    const isGranted = decisions.get(permission)
    if (isGranted === undefined) return 'pending'
    return isGranted ? 'granted' : 'denied'
  }
  decide(first)
  return {
    granted,
    get withdrawn() {
      return withdrawal.signal
    },
    stateOf,
    decide,
    async wait(permission, waitMs) {
      if (decisions.has(permission) || waitMs === 0) return stateOf(permission)
      const { promise, resolve: wake } = Promise.withResolvers<void>()
      const waiter = { permission, wake }
      const done = new AbortController()
      waiters.add(waiter)
      await Promise.race([promise, clock.sleep(waitMs, done.signal).catch(() => {})]) // aborted: it is decided
      done.abort()
      waiters.delete(waiter)
      return stateOf(permission)
    },
  }
}
