import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { PluginError } from '@covent/core'
import * as z from 'zod'
import { pack } from '../archive.ts'
import { type PluginPackage, readPackage, signatureName } from '../plugin-package.ts'

const signatureSchema = z.strictObject({
  keyId: z.string().regex(/^ed25519:SHA256:[A-Za-z0-9_-]{43}$/),
  alg: z.literal('Ed25519'),
  sig: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
  createdAt: z.iso.datetime(),
})
export type Signature = z.output<typeof signatureSchema>

const prefix = new TextEncoder().encode('covent-plugin-manifest-v1\n')

const signed = (manifest: Uint8Array): Uint8Array => Buffer.concat([prefix, manifest])

/** The fingerprint by which people compare a key. */
export const keyIdOf = (key: KeyObject): string => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return `ed25519:SHA256:${createHash('sha256').update(spki).digest('base64url')}`
}

/** The package with a signature over its manifest's bytes, in place of any that it had. */
export const signPackage = async (packed: Uint8Array, key: KeyObject, now: number): Promise<Uint8Array> => {
  const { contents, manifestBytes } = await readPackage(packed)
  const signature: Signature = {
    keyId: keyIdOf(key),
    alg: 'Ed25519',
    sig: sign(null, signed(manifestBytes), key).toString('base64'),
    createdAt: new Date(now).toISOString(),
  }
  const bytes = new TextEncoder().encode(`${JSON.stringify(signature)}\n`)
  return pack(new Map([...contents, [signatureName, bytes]]))
}

const invalid = (id: string, why: string): PluginError =>
  new PluginError('plugin.signature-invalid', `${id}: ${why}`)

/** What `plugin.json.sig` says; undefined where there is none. It proves nothing yet. */
export const signatureOf = ({ signature, plugin }: PluginPackage): Signature | undefined => {
  if (signature === undefined) return undefined
  try {
    return signatureSchema.parse(JSON.parse(new TextDecoder().decode(signature)))
  } catch {
    throw invalid(plugin.id, 'plugin.json.sig is not a signature')
  }
}

/** Throws `plugin.signature-invalid` where the key did not make that signature over those bytes. */
export const checkSignature = (
  { manifestBytes, plugin }: PluginPackage,
  { sig }: Signature,
  key: KeyObject,
): void => {
  if (verify(null, signed(manifestBytes), key, Buffer.from(sig, 'base64'))) return
  throw invalid(plugin.id, 'its signature does not fit its plugin.json')
}
