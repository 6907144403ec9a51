import { type Clock, type EventBus, PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import { tokenBucket } from '../../channel/token-bucket.ts'
import { schemaCheck } from '../action-schemas.ts'
import type { BrokerMethod, Wanted } from '../broker/broker-method.ts'

const paramsSchema = z.strictObject({ name: z.string().max(200), payload: z.unknown() })
const rate = { perSecond: 50, burst: 200 }
const payloadLength = 16_384

const undeclared = (name: string): Wanted => ({
  permission: 'emits',
  target: name,
  remedy: `{ "name": ${JSON.stringify(name)}, "payload": … } under emits of its manifest`,
})
const nameOf = (params: unknown): string => paramsSchema.safeParse(params).data?.name ?? 'ctx.emit'

/** The host's side of `ctx.emit`: what a plugin declared reaches the bus as `plugin.event`, and nothing else. */
export const emitMethod = (
  { id, emits }: Manifest,
  events: Pick<EventBus, 'emit'>,
  clock: Clock,
): BrokerMethod => {
  const checks = new Map(emits.map(({ name, payload }) => [name, schemaCheck(payload)]))
  const budget = tokenBucket(rate, clock)
  const refuse = (why: string): PluginError => new PluginError('plugin.input-invalid', `ctx.emit: ${why}`)
  const emit: BrokerMethod['run'] = async ({ params, deny }) => {
    const { data } = paramsSchema.safeParse(params)
    if (data === undefined) throw refuse('wrong call')
    const check = checks.get(data.name)
    if (check === undefined) throw deny(undeclared(data.name))
    if (budget.take(0) > 0) throw new PluginError('plugin.quota-exceeded', `${id} emits too many events`)
    budget.take(1)
    const text = JSON.stringify(data.payload) ?? 'null'
    if (text.length > payloadLength) throw new PluginError('plugin.quota-exceeded', 'ctx.emit: over 16 KiB')
    const result = check.parse(JSON.parse(text))
    if ('issue' in result) throw refuse(result.issue)
    events.emit('plugin.event', { plugin: id, name: data.name, payload: result.value })
  }
  return { wanted: (params) => undeclared(nameOf(params)), run: emit }
}
