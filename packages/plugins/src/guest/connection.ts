import {
  decode,
  encodeFrame,
  frameReader,
  type GuestMessage,
  type HostMessage,
} from '@covent/plugin-sdk/protocol'
import { place } from './place.ts'

export interface Connection {
  /** Throws `WireError` for a message that the wire does not carry. */
  send(message: GuestMessage): void
}

/** The one way in and out, which the host opened. Messages of the host are trusted. */
export const connect = (onMessage: (message: HostMessage) => void): Connection => {
  const reader = frameReader()
  const channel = place.open((chunk) => {
    for (const frame of reader.push(chunk)) onMessage(decode(frame) as HostMessage)
  })
  channel.on('end', place.leave)
  channel.on('error', place.leave)
  return { send: (message) => void channel.write(encodeFrame(message)) }
}
