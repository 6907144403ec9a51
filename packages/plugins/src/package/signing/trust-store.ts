import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ClientError, ConfigurationError, PluginError } from '@covent/core'
import * as z from 'zod'
import { checkSignature, keyIdOf, signatureOf } from './signature.ts'
import type { PluginPackage } from '../plugin-package.ts'

const namespacePattern = /^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)*\.\*$/

const trustedKey = z.strictObject({
  keyId: z.string(),
  /** SPKI in DER, base64. */
  publicKey: z.string(),
  owner: z.string().min(1).max(100),
  namespaces: z
    .array(z.string().regex(namespacePattern, 'must be a namespace such as acme.*'))
    .min(1)
    .max(50),
  addedAt: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
  revoked: z.iso.datetime().optional(),
})
export type TrustedKey = z.output<typeof trustedKey>

const trustFile = z.strictObject({ version: z.literal(1), keys: z.array(trustedKey).max(1_000) })

/** Whose signatures this server believes, and for which ids: `<home>/trust/keys.json`. */
export interface TrustStore {
  list(): Promise<readonly TrustedKey[]>
  /** Puts a key in, in place of what was said of it before. */
  add(key: KeyObject, terms: TrustTerms): Promise<TrustedKey>
  /** Keeps it in the list as revoked, so that nothing signed by it loads any more. */
  revoke(keyId: string, now: number): Promise<void>
  remove(keyId: string): Promise<void>
}

export interface TrustTerms extends Pick<TrustedKey, 'owner' | 'namespaces'> {
  readonly now: number
  readonly expiresAt?: number | undefined
}

const spkiOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64')

export const trustStore = (home: string): TrustStore => {
  const file = join(home, 'trust', 'keys.json')
  const problem = (why: string, cause?: unknown): ConfigurationError =>
    new ConfigurationError('config.unreadable', `${file} ${why}`, { cause })

  const list = async (): Promise<readonly TrustedKey[]> => {
    const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined
      throw problem('cannot be read', cause)
    })
    if (text === undefined) return []
    try {
      return trustFile.parse(JSON.parse(text)).keys
    } catch (cause) {
      throw problem('is not a list of trusted keys: mend it, or remove it and trust no key', cause)
    }
  }
  const save = async (keys: readonly TrustedKey[]): Promise<void> => {
    const aside = `${file}.${randomUUID()}`
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const text = `${JSON.stringify(trustFile.parse({ version: 1, keys }), null, 2)}\n`
    await writeFile(aside, text, { mode: 0o600, flush: true })
    await rename(aside, file)
  }
  const others = async (keyId: string): Promise<readonly TrustedKey[]> => {
    const keys = await list()
    const rest = keys.filter((key) => key.keyId !== keyId)
    if (rest.length < keys.length) return rest
    throw new ClientError('request.not-found', `there is no trusted key ${keyId}; see \`covent trust list\``)
  }
  return {
    list,
    async add(key, { owner, namespaces, now, expiresAt }) {
      const added: TrustedKey = {
        keyId: keyIdOf(key),
        publicKey: spkiOf(key),
        owner,
        namespaces,
        addedAt: new Date(now).toISOString(),
        ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }),
      }
      await save([...(await list()).filter(({ keyId }) => keyId !== added.keyId), added])
      return added
    },
    async revoke(keyId, now) {
      const rest = await others(keyId)
      const found = (await list()).find((key) => key.keyId === keyId)!
      await save([...rest, { ...found, revoked: found.revoked ?? new Date(now).toISOString() }])
    },
    remove: async (keyId) => save(await others(keyId)),
  }
}

/** A key that stands for itself, for any id. */
export const trustedAs = (key: KeyObject): TrustedKey => ({
  keyId: keyIdOf(key),
  publicKey: spkiOf(key),
  owner: 'the given key',
  namespaces: ['*'],
  addedAt: new Date(0).toISOString(),
})

const covers = (namespace: string, id: string): boolean => id.startsWith(namespace.slice(0, -1))

const keyOf = ({ keyId, publicKey }: TrustedKey): KeyObject => {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  if (keyIdOf(key) === keyId) return key
  throw new PluginError('plugin.signature-untrusted', `the trusted key ${keyId} is another one than it says`)
}

export interface TrustQuestion {
  readonly keys: readonly TrustedKey[]
  readonly now: number
  /** A key that ran out lets in nothing new; what it let in stays. */
  readonly isNew: boolean
}

/** The key that signed it and may sign its id; undefined where nobody signed. Throws for every other signature. */
export const signerOf = (
  plugin: PluginPackage,
  { keys, now, isNew }: TrustQuestion,
): TrustedKey | undefined => {
  const signature = signatureOf(plugin)
  if (signature === undefined) return undefined
  const { id } = plugin.plugin
  const refuse = (why: string): never => {
    throw new PluginError('plugin.signature-untrusted', `${id} is signed by ${signature.keyId}, ${why}`)
  }
  const signer =
    keys.find(({ keyId }) => keyId === signature.keyId) ??
    refuse('which is not in the trust store; compare it with its author’s, then `covent trust add`')
  checkSignature(plugin, signature, keyOf(signer))
  if (signer.revoked !== undefined) refuse('which was revoked')
  if (isNew && signer.expires !== undefined && Date.parse(signer.expires) <= now) refuse('which has expired')
  if (!signer.namespaces.some((namespace) => covers(namespace, id)))
    refuse(`which may sign ${signer.namespaces.join(', ')} only`)
  return signer
}
