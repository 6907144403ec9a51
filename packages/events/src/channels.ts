import type { EventHandler, EventStats } from '@covent/core'

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
  readonly totals: { errors: number; samples: number; sampledMs: number }
}

export interface Channels {
  find(type: string): Channel
  add(type: string, handler: Handler): Disposable
  stats(): Record<string, EventStats>
}

const slotMask = 31

/** The channels of one bus; `onRemove` is told of each handler that is taken away. */
export const channelTable = (onRemove: (handler: Handler) => void): Channels => {
  const byType = Object.create(null) as Record<string, Channel>
  // In front of the record, by the name's length: most emits find their channel there and save a hash look-up.
  const slots = Array.from({ length: slotMask + 1 }, (_, n) => newChannel(n === 0 ? 'unused' : ''))

  const lookUp = (type: string): Channel => {
    const channel = (byType[type] ??= newChannel(type))
    slots[type.length & slotMask] = channel
    return channel
  }
  return {
    find(type) {
      const channel = slots[type.length & slotMask]!
      return channel.type === type ? channel : lookUp(type)
    },
    add(type, handler) {
      const channel = lookUp(type)
      // Each place in the list is a function of its own, so that it can be found again.
      const own: Handler = channel.handlers.includes(handler) ? (payload) => handler(payload) : handler
      setHandlers(channel, [...channel.handlers, own])
      let isAdded = true
      const remove = (): void => {
        if (!isAdded) return
        isAdded = false
        setHandlers(
          channel,
          channel.handlers.filter((other) => other !== own),
        )
        onRemove(own)
      }
      return { [Symbol.dispose]: remove }
    },
    stats: () => Object.fromEntries(Object.values(byType).map((channel) => [channel.type, statsOf(channel)])),
  }
}

const newChannel = (type: string): Channel => ({
  type,
  handlers: [],
  sole: undefined,
  emits: 0,
  totals: { errors: 0, samples: 0, sampledMs: 0 },
})

const setHandlers = (channel: Channel, handlers: readonly Handler[]): void => {
  channel.handlers = handlers
  channel.sole = handlers.length === 1 ? handlers[0] : undefined
}

const statsOf = ({ handlers, emits, totals: { errors, samples, sampledMs } }: Channel): EventStats => ({
  emits,
  errors,
  handlerMs: samples === 0 ? 0 : (sampledMs / samples) * emits,
  listeners: handlers.length,
})
