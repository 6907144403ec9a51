import { type EventBus, PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import type { BrokerMethod, Wanted } from '../broker/broker-method.ts'
import type { LiveGrants } from './live-grants.ts'

const params = z.strictObject({
  permission: z.string().max(64),
  waitMs: z.int().min(0).max(600_000).default(0),
})

const wanted = (raw: unknown): Wanted => ({
  permission: 'permissions',
  target: params.safeParse(raw).data?.permission ?? 'ctx.request',
})

const undeclared = (target: string): Wanted => ({
  permission: 'permissions',
  target,
  remedy: `"${target}": { …, "reason": "…" } under permissions.optional of its manifest`,
})

/**
 * The host's side of `ctx.request`. An operator hears of a permission once in the life of a process, however often it is
 * asked for; what was decided is answered and asked no more.
 */
export const requestMethod = (
  { id, permissions, limits }: Manifest,
  grants: LiveGrants,
  events: Pick<EventBus, 'emit'>,
): BrokerMethod => {
  const told = new Set<string>()
  return {
    wanted,
    async run({ params: raw, deny }) {
      const { data } = params.safeParse(raw)
      if (data === undefined) throw new PluginError('plugin.input-invalid', 'ctx.request takes a permission')
      const { permission, waitMs } = data
      if (!Object.hasOwn(permissions.optional, permission)) throw deny(undeclared(permission))
      if (grants.stateOf(permission) === 'pending' && !told.has(permission)) {
        told.add(permission)
        events.emit('plugin.permission-requested', { plugin: id, permission })
      }
      return grants.wait(permission, Math.min(waitMs, limits.callTimeoutMs))
    },
  }
}
