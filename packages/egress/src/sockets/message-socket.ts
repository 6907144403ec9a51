import { AppError, type Clock, type EgressMessage, EgressError, type EgressSocket } from '@covent/core'
import type { WebSocket } from 'ws'
import type { Mask } from '../secrets/mask.ts'
import type { TokenBucket } from '../token-bucket.ts'

export interface MessageSocketOptions {
  readonly bucket: TokenBucket
  readonly mask: Mask
  readonly clock: Clock
  readonly messageBytes: number
  readonly signal: AbortSignal
}

/** From here on nothing more is read from the network until somebody takes what waits. */
const waitingBytes = 262_144
/** What a message costs besides its bytes: empty ones are not free. */
const messageCost = 64
/** A side that pings and does not read gets no more answers than this. */
const unsentBytes = 65_536

const closed = (): EgressError => new EgressError('egress.connection-failed', 'the connection is closed')

const sizeOf = (message: EgressMessage): number =>
  (typeof message === 'string' ? Buffer.byteLength(message) : message.byteLength) + messageCost

/** An error of the connection, in words that name no address. */
export const socketFailure = (error: unknown): AppError => {
  if (AppError.is(error)) return error
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    ? new EgressError('egress.response-too-large', 'the other side sent a message that is too large')
    : new EgressError('egress.connection-failed', `the connection failed (${code})`)
}

/** Stops reading from the socket for as long as anybody has a reason to. */
const brakeOf = (socket: WebSocket) => {
  let reasons = 0
  return {
    hold(): void {
      if (reasons++ === 0) socket.pause()
    },
    release(): void {
      if (--reasons === 0) socket.resume()
    },
  }
}

/** Counts what arrives against the caller's rate: what is over it is read later. */
const meterOf = (
  { bucket, clock, signal }: MessageSocketOptions,
  { hold, release }: ReturnType<typeof brakeOf>,
): ((bytes: number) => void) => {
  let isResting = false
  return (bytes) => {
    const restMs = bucket.take(bytes)
    if (restMs === 0 || isResting) return
    isResting = true
    hold()
    const resume = (): void => {
      isResting = false
      release()
    }
    void clock.sleep(restMs, signal).then(resume, resume)
  }
}

/** Messages that arrived and were not taken yet. */
const inboxOf = (socket: WebSocket, brake: ReturnType<typeof brakeOf>) => {
  const messages: EgressMessage[] = []
  let size = 0
  let isFull = false
  let arrived = Promise.withResolvers<void>()
  let failure: AppError | undefined
  let isClosed = false
  socket.on('error', (error) => {
    failure ??= socketFailure(error)
  })
  socket.once('close', () => {
    isClosed = true
    arrived.resolve()
  })
  const takeSome = (): readonly EgressMessage[] => {
    const taken: EgressMessage[] = []
    for (
      let bytes = 0;
      messages.length > 0 && (taken.length === 0 || bytes + sizeOf(messages[0]!) <= waitingBytes);
    ) {
      const message = messages.shift()!
      bytes += sizeOf(message)
      size -= sizeOf(message)
      taken.push(message)
    }
    if (isFull && size < waitingBytes) {
      isFull = false
      brake.release()
    }
    return taken
  }
  return {
    put(message: EgressMessage): void {
      messages.push(message)
      size += sizeOf(message)
      if (!isFull && size >= waitingBytes) {
        isFull = true
        brake.hold()
      }
      arrived.resolve()
    },
    async take(): Promise<readonly EgressMessage[]> {
      if (messages.length === 0 && !isClosed) {
        arrived = Promise.withResolvers()
        await arrived.promise
      }
      if (messages.length === 0 && failure !== undefined) throw failure
      return takeSome()
    },
  }
}

/** A WebSocket that is read no faster than it is taken from, and no faster than the caller's rate. */
export const messageSocket = (socket: WebSocket, options: MessageSocketOptions): EgressSocket => {
  const { bucket, mask, clock, messageBytes, signal } = options
  const brake = brakeOf(socket)
  const meter = meterOf(options, brake)
  const inbox = inboxOf(socket, brake)
  let isReceiving = false
  socket.on('message', (data: Buffer, isBinary) => {
    meter(data.length + messageCost)
    const masked = mask.bytes(data)
    inbox.put(isBinary ? new Uint8Array(masked) : masked.toString())
  })
  socket.on('ping', (data: Buffer) => {
    meter(data.length + messageCost)
    if (socket.bufferedAmount < unsentBytes) socket.pong(data)
  })
  return {
    get protocol() {
      return socket.protocol
    },
    async send(message) {
      if (sizeOf(message) - messageCost > messageBytes)
        throw new EgressError('egress.request-too-large', `the message is larger than ${messageBytes} bytes`)
      const restMs = bucket.take(sizeOf(message))
      if (restMs > 0) await clock.sleep(restMs, signal)
      if (socket.readyState !== socket.OPEN) throw closed()
      await new Promise<void>((resolve, reject) => {
        const binary = typeof message !== 'string'
        socket.send(message, { binary }, (error) => (error ? reject(socketFailure(error)) : resolve()))
      })
    },
    async receive() {
      if (isReceiving) throw new EgressError('egress.busy', 'somebody waits for messages of this connection')
      isReceiving = true
      try {
        return await inbox.take()
      } finally {
        isReceiving = false
      }
    },
    close: () => socket.close(),
  }
}
