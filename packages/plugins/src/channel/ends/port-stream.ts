import { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'

/** A stream of bytes over a message port. Nothing holds back who writes faster than the other side reads. */
export const portStream = (port: MessagePort): Duplex => {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      const copy = new Uint8Array(chunk)
      port.postMessage(copy, [copy.buffer])
      done()
    },
    destroy(error, done) {
      port.close()
      done(error)
    },
  })
  port.on('message', (bytes: Uint8Array) => {
    // What was not made by this stream is no Uint8Array, and none of the protocol either.
    if (bytes instanceof Uint8Array) stream.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    else stream.destroy()
  })
  port.once('close', () => stream.push(null))
  stream.once('end', () => stream.destroy())
  return stream
}
