import { Duplex, PassThrough, type Readable } from 'node:stream'
import { PluginError } from '@covent/core'

/** The standard streams of a container: input and output are the channel, errors are what it prints. */
export interface AttachedStreams {
  readonly channel: Duplex
  readonly printed: Readable
}

const headerBytes = 8
const errorStream = 2

interface Piece {
  readonly isError: boolean
  readonly bytes: Buffer
}

/** Takes the engine's frames apart (kind, three zeros, u32 length) without waiting for whole ones. */
const frameSplitter = (): ((chunk: Buffer) => readonly Piece[]) => {
  let header = Buffer.alloc(0)
  let left = 0
  let isError = false
  return (chunk) => {
    const pieces: Piece[] = []
    let rest = chunk
    while (rest.length > 0) {
      if (left === 0) {
        const missing = headerBytes - header.length
        header = Buffer.concat([header, rest.subarray(0, missing)])
        rest = rest.subarray(missing)
        if (header.length < headerBytes) break
        isError = header[0] === errorStream
        left = header.readUInt32BE(4)
        header = Buffer.alloc(0)
        continue
      }
      const bytes = rest.subarray(0, left)
      pieces.push({ isError, bytes })
      left -= bytes.length
      rest = rest.subarray(bytes.length)
    }
    return pieces
  }
}

/** Both directions hold back who is faster than the other side reads. */
export const splitStreams = (socket: Duplex): AttachedStreams => {
  const split = frameSplitter()
  const printed = new PassThrough()
  const channel = new Duplex({
    read: () => void (printed.writableNeedDrain || socket.resume()),
    write: (chunk: Buffer, _, done) => void (socket.write(chunk) ? done() : socket.once('drain', done)),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy()
      printed.end()
      done(error)
    },
  })
  const hand = ({ isError, bytes }: Piece): boolean => (isError ? printed.write(bytes) : channel.push(bytes))
  socket.on('data', (chunk: Buffer) => {
    const goOn = split(chunk).map(hand)
    if (goOn.includes(false)) socket.pause()
  })
  printed.on('drain', () => void (channel.readableFlowing === false || socket.resume()))
  socket.once('end', () => channel.push(null))
  socket.once('error', (error) => channel.destroy(error))
  socket.once('close', () => channel.destroy())
  return { channel, printed }
}

/**
 * Attaches to a container that has not started yet. The request is written here, because dockerode sends its options as
 * a body, which Podman hands to the container as the first input.
 */
export const attach = (socketPath: string, containerId: string): Promise<AttachedStreams> =>
  new Promise((resolve, reject) => {
    const path = `/containers/${containerId}/attach?stream=1&stdin=1&stdout=1&stderr=1`
    const headers = { connection: 'Upgrade', upgrade: 'tcp', host: 'engine', 'content-length': 0 }
    // An import of it would load undici at every start.
    const { request } = process.getBuiltinModule('node:http')
    const sent = request({ socketPath, path, method: 'POST', headers })
    sent.once('upgrade', (_, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(splitStreams(socket))
    })
    sent.once('response', ({ statusCode }) => {
      sent.destroy()
      reject(new PluginError('plugin.crashed', `the container engine does not attach: status ${statusCode}`))
    })
    sent.once('error', reject)
    sent.end()
  })
