import type { Redis } from 'ioredis'

export interface SubscriptionOptions {
  readonly channel: string
  receive(text: string): void
  /** Listening; `late` where it could not before, so that messages may have been missed. */
  opened(late: boolean): void
  lost(): void
  readonly pingMs: number
}

export interface Subscription extends Disposable {
  /** Resolves when it listens for the first time. */
  readonly listening: Promise<void>
}

/** Keeps listening to a channel over reconnects, and notices a connection that is dead without saying so. */
export const keepSubscribed = (redis: Redis, options: SubscriptionOptions): Subscription => {
  const { channel, receive, opened, lost, pingMs } = options
  const first = Promise.withResolvers<void>()
  let wasClosed = false
  let isOpen = false

  const subscribe = async (): Promise<void> => {
    try {
      await redis.subscribe(channel)
      isOpen = true
      opened(wasClosed)
      first.resolve()
    } catch {
      redis.disconnect(true) // connects anew, which subscribes anew
    }
  }
  const close = (): void => {
    wasClosed = true
    if (isOpen) lost()
    isOpen = false
  }
  const ping = (): void => {
    if (isOpen) redis.ping().catch(() => redis.disconnect(true))
  }
  redis.on('ready', () => void subscribe())
  redis.on('close', close)
  redis.on('message', (_, text: string) => receive(text))
  const timer = setInterval(ping, pingMs)
  timer.unref()
  return {
    listening: first.promise,
    [Symbol.dispose]() {
      clearInterval(timer)
      isOpen = false
      redis.disconnect()
    },
  }
}
