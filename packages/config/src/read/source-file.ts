import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { ConfigurationError } from '@covent/core'

const largestBytes = 1024 * 1024

/** The text of a configuration file; undefined where there is none and none was asked for by name. */
export const readSource = async (file: string, isRequired: boolean): Promise<string | undefined> => {
  try {
    return decode(file, await readBytes(file))
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && !isRequired) return undefined
    throw unreadable(`${file} cannot be read (${code}); check that it exists and may be read`, cause)
  }
}

const readBytes = async (file: string): Promise<Uint8Array> => {
  // Without waiting for the other end of a pipe, which would keep the start from ever ending.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) throw unreadable(`${file} is not a file; name a file`)
    const bytes = Buffer.alloc(largestBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead
    if (length > largestBytes) throw unreadable(`${file} is larger than 1 MiB; is it the right file?`)
    return bytes.subarray(0, length)
  } finally {
    await handle.close()
  }
}

/** UTF-8, with or without a byte order mark. */
const decode = (file: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const before = new TextDecoder().decode(bytes).split('\uFFFD', 1)[0]!
    const line = before.split('\n').length
    throw new ConfigurationError('config.syntax', `${file} line ${line}: not UTF-8; save it as UTF-8`, {
      cause,
    })
  }
}

const unreadable = (message: string, cause?: unknown): ConfigurationError =>
  new ConfigurationError('config.unreadable', message, { cause })
