import type { Clock } from '@covent/core'
import { eventText, sealed } from './envelope.ts'

export interface SenderOptions {
  readonly from: string
  readonly clock: Clock
  publish(text: string): Promise<unknown>
  /** Told of events that nobody else will see. */
  lost(type: string, reason: LossReason): void
}
export type LossReason = 'unserializable' | 'too-large' | 'behind' | 'unsent'

interface Waiting {
  readonly type: string
  readonly text: string
}

export interface Sender {
  send(type: string, payload: unknown): void
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>
}

const eventCharacters = 256 * 1024
const envelopeCharacters = 64 * 1024
const envelopeEvents = 256
const waitingEvents = 4_096
const envelopesUnderWay = 8

/** Takes the events that fit into one envelope from the front. */
const takeBatch = (waiting: Waiting[]): readonly Waiting[] => {
  let characters = 0
  let count = 0
  for (const { text } of waiting) {
    characters += text.length
    if (count > 0 && (count >= envelopeEvents || characters > envelopeCharacters)) break
    count++
  }
  return waiting.splice(0, count)
}

/** Sends events, those of one moment together. What comes faster than Redis takes it waits, up to a bound, and is then lost. */
export const sender = ({ from, clock, publish, lost }: SenderOptions): Sender => {
  const waiting: Waiting[] = []
  const underWay = new Set<Promise<void>>()
  let isFlushing = false
  let n = 0

  const post = async (batch: readonly Waiting[]): Promise<void> => {
    const texts = batch.map(({ text }) => text)
    try {
      await publish(sealed({ from, n: ++n, at: clock.now() }, texts))
    } catch {
      for (const { type } of batch) lost(type, 'unsent')
    }
  }
  const flush = (): void => {
    isFlushing = false
    while (waiting.length > 0 && underWay.size < envelopesUnderWay) {
      const posted = post(takeBatch(waiting)).then(() => {
        underWay.delete(posted)
        flush()
      })
      underWay.add(posted)
    }
  }
  return {
    send(type, payload) {
      const text = eventText(type, payload)
      if (text === undefined) return lost(type, 'unserializable')
      if (text.length > eventCharacters) return lost(type, 'too-large')
      if (waiting.length >= waitingEvents) return lost(type, 'behind')
      waiting.push({ type, text })
      if (isFlushing) return
      isFlushing = true
      queueMicrotask(flush)
    },
    async idle() {
      await Promise.resolve() // what was sent in this moment goes off first
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
