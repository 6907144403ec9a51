import { type Channels, type Clock, type Logger, PluginError, type Receive } from '@covent/core'
import * as z from 'zod'
import type { BrokerRequest } from '../../drivers/isolation-driver.ts'
import { type TokenBucket, tokenBucket } from '../../channel/token-bucket.ts'
import type { PartOwner } from '../parts/call-part.ts'
import { type ChannelLine, channelLine } from './channel-line.ts'

/** The channels of all plugins. */
export interface PluginChannels extends Channels {
  /** Takes up the channels of a plugin that has become ready. */
  attach(plugin: PartOwner): void
  /** Closes the channels of a plugin that is about to end. */
  detach(plugin: PartOwner): Promise<void>
  /** Answers what an open channel asks. */
  readonly answer: (request: Pick<BrokerRequest, 'call' | 'method' | 'params'>) => Promise<unknown>
  /** Why a plugin's channels are not well; undefined where they are, or are not wanted. */
  complaint(plugin: PartOwner): Promise<string | undefined>
}

export interface ChannelServices {
  readonly clock: Clock
  readonly logger: Logger
  random(): number
}

interface Attached {
  readonly plugin: PartOwner
  readonly deliveries: TokenBucket
  readonly lines: ChannelLine[]
}

interface Delivered {
  readonly params: unknown
  readonly receive: Receive
}

/** What a guest asks while its channel is open. */
export const channelMethods: ReadonlySet<string> = new Set(['channel.started', 'channel.deliver'])

const outsideId = z.string().min(1).max(512)
const delivered = z.strictObject({
  conversationId: outsideId,
  principalId: outsideId,
  text: z.string().min(1).max(32_000),
  idempotencyKey: z.string().min(1).max(200).optional(),
})
const rate = { perSecond: 10, burst: 50 }

const unavailable = (plugin: string, channel: string): PluginError =>
  new PluginError('plugin.unavailable', `the channel ${channel} of ${plugin} is not open`)

const parse = (params: unknown): z.output<typeof delivered> => {
  const result = delivered.safeParse(params)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.deliver: ${path.map(String).join('.')}: ${message}`)
}

const closeAll = async (all: Iterable<Attached>): Promise<void> => {
  const lines = [...all].flatMap((one) => one.lines.splice(0))
  await Promise.all(lines.map((line) => line.close()))
}

const deliver = async (one: Attached, channel: string, { params, receive }: Delivered): Promise<void> => {
  const { id } = one.plugin.manifest
  const { idempotencyKey, ...message } = parse(params)
  const waitMs = one.deliveries.take(0)
  if (waitMs > 0)
    throw new PluginError(
      'plugin.quota-exceeded',
      `${id} delivers more than ${rate.perSecond} messages a second; wait ${Math.ceil(waitMs)} ms and try again`,
    )
  one.deliveries.take(1)
  const key = idempotencyKey === undefined ? {} : { idempotencyKey }
  await receive({ plugin: id, channel, ...message, ...key })
}

const openLines = ({ plugin, lines }: Attached, services: ChannelServices): void => {
  for (const { name } of plugin.manifest.contributes.channels)
    lines.push(channelLine({ ...services, plugin, name }))
}

export const pluginChannels = (services: ChannelServices): PluginChannels => {
  const attached = new Map<PartOwner, Attached>()
  let receiver: Receive | undefined
  const lines = () => [...attached.values()].flatMap((one) => one.lines.map((line) => ({ line, one })))

  return {
    open(receive) {
      if (receiver !== undefined) throw new Error('the channels are open already')
      receiver = receive
      for (const one of attached.values()) openLines(one, services)
      return {
        async [Symbol.asyncDispose]() {
          await closeAll(attached.values())
          receiver = undefined
        },
      }
    },
    attach(plugin) {
      const one: Attached = { plugin, deliveries: tokenBucket(rate, services.clock), lines: [] }
      attached.set(plugin, one)
      void plugin.sandbox.exited.then(() => attached.delete(plugin))
      if (receiver !== undefined) openLines(one, services)
    },
    async detach(plugin) {
      const one = attached.get(plugin)
      if (one !== undefined) await closeAll([one])
    },
    async answer({ call, method, params }) {
      const found = lines().find(({ line }) => line.owns(call))
      if (found === undefined || receiver === undefined)
        throw new PluginError('plugin.input-invalid', 'ctx.deliver belongs to the start of a channel')
      const { line, one } = found
      if (method === 'channel.started') return line.started()
      return deliver(one, line.name, { params, receive: receiver })
    },
    async send({ plugin, channel, conversationId, text }) {
      const found = lines().find(
        ({ line, one }) => one.plugin.manifest.id === plugin && line.name === channel && line.isOpen(),
      )
      if (found === undefined) throw unavailable(plugin, channel)
      await found.line.send({ conversationId, text })
    },
    async complaint(plugin) {
      const found = await Promise.all((attached.get(plugin)?.lines ?? []).map((line) => line.complaint()))
      return found.find((one) => one !== undefined)
    },
  }
}
