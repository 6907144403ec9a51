import type { Clock } from '@covent/core'
import type { ZodType } from 'zod'
import { opened } from './envelope.ts'

export interface ReceiverOptions {
  /** The id of this replica, whose own events are passed over. */
  readonly from: string
  readonly clock: Clock
  readonly schemas: Readonly<Record<string, ZodType>>
  deliver(type: string, payload: unknown, lagMs: number): void
  refused(reason: RefusalReason): void
  /** An envelope is missing that a sender has numbered. */
  gap(): void
}
export type RefusalReason = 'envelope' | 'unknown' | 'invalid'

export interface Receiver {
  receive(text: string): void
  /** Forgets up to where it has heard each sender. */
  reset(): void
}

/** Senders that are remembered; a replica has a new id at each start. */
const knownSenders = 1_000

/** Whether the number of an envelope shows that one before it is missing. */
const gapFinder = () => {
  const last = new Map<string, number>()
  return {
    isGap(from: string, n: number): boolean {
      const before = last.get(from)
      last.delete(from)
      last.set(from, n)
      if (last.size > knownSenders) last.delete(last.keys().next().value!)
      return before !== undefined && n > before + 1
    },
    reset: () => last.clear(),
  }
}

/** Takes envelopes apart: what is of this version and this shape is delivered, all else is counted. */
export const receiver = (options: ReceiverOptions): Receiver => {
  const { from: self, clock, schemas, deliver, refused, gap } = options
  const gaps = gapFinder()
  const take = (type: string, payload: unknown, lagMs: number): void => {
    const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined
    if (schema === undefined) return refused('unknown')
    const parsed = schema.safeParse(payload)
    if (parsed.success) deliver(type, parsed.data, lagMs)
    else refused('invalid')
  }
  return {
    receive(text) {
      const envelope = opened(text)
      if (envelope === undefined) return refused('envelope')
      const { from, n, at, events } = envelope
      if (from === self) return
      if (gaps.isGap(from, n)) gap()
      const lagMs = Math.max(0, clock.now() - at)
      for (const [type, payload] of events) take(type, payload, lagMs)
    },
    reset: gaps.reset,
  }
}
