import { Socket } from 'node:net'
import {
  decode,
  encodeFrame,
  frameReader,
  type GuestMessage,
  type HostMessage,
} from '@covent/plugin-sdk/protocol'

export interface Connection {
  /** Throws `WireError` for a message that the wire does not carry. */
  send(message: GuestMessage): void
}

/** The one way in and out: descriptor 3, which the host opened. Messages of the host are trusted. */
export const connect = (onMessage: (message: HostMessage) => void): Connection => {
  const socket = new Socket({ fd: 3 })
  const reader = frameReader()
  socket.on('data', (chunk: Buffer) => {
    for (const frame of reader.push(chunk)) onMessage(decode(frame) as HostMessage)
  })
  const leave = (): void => process.exit(0)
  socket.on('end', leave)
  socket.on('error', leave)
  return { send: (message) => void socket.write(encodeFrame(message)) }
}
