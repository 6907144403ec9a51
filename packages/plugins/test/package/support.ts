import { generateKeyPairSync } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type Manifest, manifestSchema } from '@covent/plugin-sdk/manifest'
import { makePackage } from '../../src/package.ts'
import type { Files } from '../../src/package/tar.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const manifest = (fields: object = {}): Manifest =>
  manifestSchema.parse({
    manifestVersion: 1,
    id: 'acme.clock',
    version: '1.0.0',
    type: 'utility',
    description: 'Made for a test of packages.',
    ...fields,
  })

export const packageOf = (fields: object = {}, others: Files = new Map()): Uint8Array =>
  makePackage({ plugin: manifest(fields), code: 'export default 1\n', others })

export const keyPair = () => generateKeyPairSync('ed25519')

export interface Entry {
  readonly name: string
  readonly body?: string
  readonly kind?: string
  readonly linkname?: string
  readonly size?: string
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`

const entryBytes = ({ name, body = '', kind = '0', linkname = '', size }: Entry): Buffer => {
  const bytes = Buffer.alloc(512)
  const put = (at: number, text: string): void => void bytes.write(text, at, 'latin1')
  put(0, name)
  put(100, octal(0o644, 8))
  put(108, octal(0, 8))
  put(116, octal(0, 8))
  put(124, size ?? octal(body.length, 12))
  put(136, octal(0, 12))
  put(148, ' '.repeat(8))
  put(156, kind)
  put(157, linkname)
  put(257, 'ustar\u000000')
  put(
    148,
    `${octal(
      bytes.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
  )
  return Buffer.concat([bytes, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)])
}

/** A tar as anybody could write it, which the writer under test would not. */
export const tarOf = (...entries: readonly Entry[]): Buffer =>
  Buffer.concat([...entries.map(entryBytes), Buffer.alloc(1024)])

export const tgzOf = (...entries: readonly Entry[]): Uint8Array => gzipSync(tarOf(...entries))
