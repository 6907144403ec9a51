import type { Duplex } from 'node:stream'
import type { Clock } from '@covent/core'
import {
  decode,
  encodeFrame,
  frameReader,
  type GuestMessage,
  guestMessageSchema,
  type HostMessage,
} from '@covent/plugin-sdk/protocol'
import { tickWriter } from './ends/tick-writer.ts'
import { tokenBucket } from './token-bucket.ts'

const chatter = { perSecond: 1_000, burst: 2_000 }
const requests = { perSecond: 5_000, burst: 10_000 }
const bytes = { perSecond: 134_217_728, burst: 134_217_728 }
const floodMs = 5_000
const unreadBytes = 8_388_608

export interface GuestLink {
  send(message: HostMessage): void
  /** True where the guest has left so much unread that nothing more should be sent. */
  isClogged(): boolean
}

/**
 * What a message counts as: an answer that the host waits for, a request that it took on, or chatter, which is all that
 * a guest can send without end.
 */
export type Weight = 'answer' | 'request' | 'chatter'

export interface LinkHandlers {
  onMessage(message: GuestMessage): Weight
  /** The guest broke the protocol; nothing more is read from it. */
  onBreach(what: string): void
}

/**
 * The host's end of the descriptor. Each message is parsed; a guest that says more than its budgets is not read for a
 * while, and one that keeps on chattering breaks the protocol.
 */
export const guestLink = (socket: Duplex, handlers: LinkHandlers, clock: Clock): GuestLink => {
  const reader = frameReader()
  const chatterBudget = tokenBucket(chatter, clock)
  const requestBudget = tokenBucket(requests, clock)
  const byteBudget = tokenBucket(bytes, clock)
  const write = tickWriter(socket)
  let floodingSince: number | undefined
  let open = true

  const count = (frames: readonly Buffer[]): Readonly<Record<Weight, number>> => {
    const counts = { answer: 0, request: 0, chatter: 0 }
    for (const frame of frames) counts[handlers.onMessage(guestMessageSchema.parse(decode(frame)))]++
    return counts
  }
  const noteFlood = (isFlooding: boolean): void => {
    floodingSince = isFlooding ? (floodingSince ?? clock.monotonic()) : undefined
    if (floodingSince !== undefined && clock.monotonic() - floodingSince > floodMs)
      throw new Error('it floods the host with messages')
  }
  const receive = (chunk: Buffer): void => {
    const counts = count(reader.push(chunk))
    const chatterMs = chatterBudget.take(counts.chatter)
    noteFlood(chatterMs > 0)
    const restMs = Math.max(chatterMs, requestBudget.take(counts.request), byteBudget.take(chunk.length))
    if (restMs > 0) pause(restMs)
  }
  const pause = (waitMs: number): void => {
    socket.pause()
    void clock.sleep(waitMs).then(() => socket.resume())
  }
  const breach = (error: unknown): void => {
    open = false
    socket.pause()
    handlers.onBreach(error instanceof Error ? error.message.slice(0, 500) : 'unknown')
  }
  socket.on('data', (chunk: Buffer) => {
    if (!open) return
    try {
      receive(chunk)
    } catch (error) {
      breach(error)
    }
  })
  return {
    send: (message) => socket.writable && write(encodeFrame(message)),
    isClogged: () => socket.writableLength > unreadBytes,
  }
}
