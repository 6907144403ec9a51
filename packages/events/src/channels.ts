import type { EventHandler, EventStats, ListenOptions } from '@covent/core'
import { bounded } from './bounded.ts'

export type Handler = EventHandler<unknown>

/** What is known of one event type. */
export interface Channel {
  readonly type: string
  /** Replaced at each change, so that an emit needs no copy of it. */
  handlers: readonly Handler[]
  /** The handler, where there is just one. */
  sole: Handler | undefined
  emits: number
  /** Apart, because a fraction in it changes its hidden class, which would slow down each emit. */
  readonly totals: { errors: number; samples: number; sampledMs: number; dropped: number }
}

export interface Channels {
  find(type: string): Channel
  /** To a type, or to a pattern (`*`, `plugin.*`), whose handlers get the name with the payload. */
  add(pattern: string, handler: Handler, options?: ListenOptions): Disposable
  stats(): Record<string, EventStats>
}

/** Told of what happens to handlers. */
export interface ChannelWatch {
  /** A handler was taken away. */
  removed(handler: Handler): void
  /** A handler has too many events waiting. */
  dropped(channel: Channel, isFirst: boolean): void
}

interface Pattern {
  readonly prefix: string
  join(channel: Channel): void
}

const slotMask = 31

/** The channels of one bus. */
export const channelTable = (watch: ChannelWatch): Channels => {
  const byType = Object.create(null) as Record<string, Channel>
  const patterns = new Set<Pattern>()
  // In front of the record, by the name's length: most emits find their channel there and save a hash look-up.
  const slots = Array.from({ length: slotMask + 1 }, (_, n) => newChannel(n === 0 ? 'unused' : ''))

  const make = (type: string): Channel => {
    const channel = newChannel(type)
    for (const pattern of patterns) if (type.startsWith(pattern.prefix)) pattern.join(channel)
    return channel
  }
  const lookUp = (type: string): Channel => {
    const channel = (byType[type] ??= make(type))
    slots[type.length & slotMask] = channel
    return channel
  }
  const addToType = (type: string, handler: Handler, options?: ListenOptions): Disposable => {
    const channel = lookUp(type)
    const drop = dropFrom(channel, watch)
    return disposable(place(channel, options ? bounded(handler, options, drop) : handler, watch))
  }
  const addToPattern = (prefix: string, handler: Handler, options?: ListenOptions): Disposable => {
    const removals: (() => void)[] = []
    const named = options ? limitedByName(handler, options) : byName(handler)
    const join = (channel: Channel): void =>
      void removals.push(place(channel, named(channel.type, dropFrom(channel, watch)), watch))
    const pattern: Pattern = { prefix, join }
    patterns.add(pattern)
    for (const channel of Object.values(byType)) if (channel.type.startsWith(prefix)) join(channel)
    return disposable(() => {
      patterns.delete(pattern)
      for (const remove of removals) remove()
    })
  }
  return {
    find(type) {
      const channel = slots[type.length & slotMask]!
      return channel.type === type ? channel : lookUp(type)
    },
    add: (pattern, handler, options) =>
      isPattern(pattern)
        ? addToPattern(pattern.slice(0, -1), handler, options)
        : addToType(pattern, handler, options),
    stats: () => Object.fromEntries(Object.values(byType).map((channel) => [channel.type, statsOf(channel)])),
  }
}

const isPattern = (name: string): boolean => name === '*' || name.endsWith('.*')

/** Makes the handler of one type out of that of a pattern. */
type Named = (type: string, drop: (isFirst: boolean) => void) => Handler

const byName =
  (handler: Handler): Named =>
  (type) =>
  (payload) =>
    handler({ type, payload })

/** One limit over all types of a pattern. */
const limitedByName = (handler: Handler, options: ListenOptions): Named => {
  let dropCurrent: (isFirst: boolean) => void
  const one = bounded(handler, options, (isFirst) => dropCurrent(isFirst))
  return (type, drop) => (payload) => {
    dropCurrent = drop
    return one({ type, payload })
  }
}

const dropFrom =
  (channel: Channel, watch: ChannelWatch) =>
  (isFirst: boolean): void => {
    channel.totals.dropped++
    watch.dropped(channel, isFirst)
  }

/** Adds a handler to a channel; the function that is returned takes it away. */
const place = (channel: Channel, handler: Handler, watch: ChannelWatch): (() => void) => {
  // Each place in the list is a function of its own, so that it can be found again.
  const own: Handler = channel.handlers.includes(handler) ? (payload) => handler(payload) : handler
  setHandlers(channel, [...channel.handlers, own])
  return () => {
    setHandlers(
      channel,
      channel.handlers.filter((other) => other !== own),
    )
    watch.removed(own)
  }
}

const disposable = (remove: () => void): Disposable => {
  let isThere = true
  return {
    [Symbol.dispose]() {
      if (isThere) remove()
      isThere = false
    },
  }
}

const newChannel = (type: string): Channel => ({
  type,
  handlers: [],
  sole: undefined,
  emits: 0,
  totals: { errors: 0, samples: 0, sampledMs: 0, dropped: 0 },
})

const setHandlers = (channel: Channel, handlers: readonly Handler[]): void => {
  channel.handlers = handlers
  channel.sole = handlers.length === 1 ? handlers[0] : undefined
}

const statsOf = ({ handlers, emits, totals }: Channel): EventStats => ({
  emits,
  errors: totals.errors,
  handlerMs: totals.samples === 0 ? 0 : (totals.sampledMs / totals.samples) * emits,
  listeners: handlers.length,
  dropped: totals.dropped,
})
