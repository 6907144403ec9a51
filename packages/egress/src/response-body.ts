import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { EgressError } from '@covent/core'

export interface BodyRules {
  readonly capBytes: number
  /** Resolves when that many bytes may be read on. */
  pace(bytes: number): Promise<void>
  readonly signal: AbortSignal
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

const decoderOf = ({ headers }: IncomingMessage): readonly Transform[] => {
  const coding = headers['content-encoding']?.trim().toLowerCase()
  if (coding === undefined || coding === '' || coding === 'identity') return []
  if (Object.hasOwn(decoders, coding)) return [decoders[coding]!()]
  throw new EgressError('egress.response-invalid', `the response is encoded as ${coding.slice(0, 40)}`)
}

const bodiless = (method: string, { statusCode }: IncomingMessage): boolean =>
  method === 'HEAD' || statusCode === 204 || statusCode === 304

/** The whole body, decoded; what goes on past the cap is cut off with an error. */
export const readBody = async (
  message: IncomingMessage,
  method: string,
  { capBytes, pace, signal }: BodyRules,
): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  const paced = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      await pace(chunk.length)
      yield chunk
    }
  }
  const gather = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      size += chunk.length
      if (size > capBytes)
        throw new EgressError('egress.response-too-large', `the response is larger than ${capBytes} bytes`)
      chunks.push(chunk)
    }
  }
  const decode = bodiless(method, message) ? [] : decoderOf(message)
  await pipeline([message, paced, ...decode, gather], { signal })
  return Buffer.concat(chunks)
}
