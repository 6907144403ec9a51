import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { ClientError } from '@covent/core'
import { parseJson } from './json.ts'

const inflate = promisify(gunzip)
const jsonType = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

/** Whether a request announces a body. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0'

const tooLarge = (limit: number): ClientError =>
  new ClientError('request.body-too-large', `A body has at most ${limit} bytes, also after gzip is undone.`)

const checkHeaders = (request: IncomingMessage, limit: number): void => {
  const type = request.headers['content-type']
  if (type !== 'application/json' && (type === undefined || !jsonType.test(type)))
    throw new ClientError('request.media-type-unsupported', 'A body comes as application/json in UTF-8.')
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity' && encoding !== 'gzip')
    throw new ClientError(
      'request.media-type-unsupported',
      'A body comes plain or with Content-Encoding: gzip.',
    )
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
}

const collect = (request: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        request.removeAllListeners('data')
        reject(tooLarge(limit))
      } else chunks.push(chunk)
    })
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    const cut = (): void => reject(new ClientError('request.malformed', 'The body ended early.'))
    request.once('error', cut)
    request.once('close', cut)
  })

const unzip = async (bytes: Buffer, limit: number): Promise<Buffer> => {
  try {
    return await inflate(bytes, { maxOutputLength: limit })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit)
    throw new ClientError('request.body-invalid', 'The body is not gzip.', { cause })
  }
}

export const parseBytes = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) throw new ClientError('request.body-invalid', 'The body is not UTF-8.')
  return parseJson(bytes, bytes.toString('utf8'))
}

/** The body as JSON; an empty one without a media type as `{}`. */
export const readBody = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  if (!hasBody(request) && request.headers['content-type'] === undefined) return {}
  checkHeaders(request, limit)
  const received = await collect(request, limit)
  const bytes = request.headers['content-encoding'] === 'gzip' ? await unzip(received, limit) : received
  return bytes.length === 0 ? {} : parseBytes(bytes)
}

/** The body as it came, of any type; empty where there is none. */
export const readBytes = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  if (!hasBody(request)) return Buffer.alloc(0)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  return collect(request, limit)
}
