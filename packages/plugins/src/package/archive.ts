import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzipSync } from 'node:zlib'
import { PluginError } from '@covent/core'
import { type Files, maxBytes, readTar, writeTar } from './tar.ts'

const inflated = promisify(gunzip)
const systemByte = 9
const systemUnknown = 255

/** The one `.tgz` of these files. */
export const pack = (files: Files): Uint8Array => {
  const packed = gzipSync(writeTar(files), { level: 9 })
  packed[systemByte] = systemUnknown // else it says on which system it was packed
  return packed
}

const inflate = async (packed: Uint8Array): Promise<Uint8Array> => {
  try {
    return await inflated(packed, { maxOutputLength: maxBytes })
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const why = isLarge ? `it takes more than ${maxBytes} bytes unpacked` : 'it is not gzip'
    throw new PluginError('plugin.package-invalid', `the package is refused: ${why}`, { cause })
  }
}

/** The files of a `.tgz`, in memory: nothing of it is written before all of it was checked. */
export const unpack = async (packed: Uint8Array): Promise<Files> => {
  if (packed.length > maxBytes)
    throw new PluginError(
      'plugin.package-invalid',
      `the package is refused: it is larger than ${maxBytes} bytes`,
    )
  return readTar(await inflate(packed))
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
