import { type Clock, type EventBus, PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import { tokenBucket } from '../../channel/token-bucket.ts'
import { schemaCheck } from '../action-schemas.ts'

const paramsSchema = z.strictObject({ name: z.string().max(200), payload: z.unknown() })
const rate = { perSecond: 50, burst: 200 }
const payloadLength = 16_384

/** The host's side of `ctx.emit`: what a plugin declared reaches the bus as `plugin.event`, and nothing else. */
export const emitEvent = (
  { id, emits }: Manifest,
  events: Pick<EventBus, 'emit'>,
  clock: Clock,
): ((params: unknown) => void) => {
  const checks = new Map(emits.map(({ name, payload }) => [name, schemaCheck(payload)]))
  const budget = tokenBucket(rate, clock)
  const refuse = (why: string): PluginError => new PluginError('plugin.input-invalid', `ctx.emit: ${why}`)
  return (params) => {
    const { data } = paramsSchema.safeParse(params)
    const check = data && checks.get(data.name)
    if (check === undefined) throw refuse('the manifest names no such event')
    if (budget.take(0) > 0) throw new PluginError('plugin.quota-exceeded', `${id} emits too many events`)
    budget.take(1)
    const text = JSON.stringify(data!.payload) ?? 'null'
    if (text.length > payloadLength) throw new PluginError('plugin.quota-exceeded', 'ctx.emit: over 16 KiB')
    const result = check.parse(JSON.parse(text))
    if ('issue' in result) throw refuse(result.issue)
    events.emit('plugin.event', { plugin: id, name: data!.name, payload: result.value })
  }
}
