import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import { readManifest } from './read-manifest.ts'

const digest = z.string().regex(/^sha256-[A-Za-z0-9+/]{43}=$/)

/** What a packaged manifest says beyond what the code says of itself. */
const packaging = z.object({
  $schema: z.string().max(300).optional(),
  main: z.literal('plugin.mjs'),
  integrity: z.strictObject({ files: z.record(z.string().max(100), digest) }),
})

export interface PackageManifest {
  /** What the code must say of itself. */
  readonly plugin: Manifest
  /** File → digest; every file of the package but the manifest, its signature and its certificate. */
  readonly files: Readonly<Record<string, string>>
}

export const integrityOf = (bytes: Uint8Array): string =>
  `sha256-${createHash('sha256').update(bytes).digest('base64')}`

const parseJson = (bytes: Uint8Array): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // refused below
  }
  throw new PluginError('plugin.package-invalid', 'plugin.json is not a JSON object')
}

const refused = (why: string): PluginError => new PluginError('plugin.package-invalid', `plugin.json: ${why}`)

const checked = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw refused(`${path.map(String).join('.')}: ${message}`)
}

export const parsePackageManifest = (bytes: Uint8Array): PackageManifest => {
  const { $schema, main, integrity, ...plugin } = parseJson(bytes)
  return {
    plugin: readManifest(plugin, refused),
    files: checked(packaging, { $schema, main, integrity }).integrity.files,
  }
}

/** The bytes of `plugin.json`; the same input gives the same bytes. */
export const printPackageManifest = ({ plugin, files }: PackageManifest): Uint8Array => {
  const sorted = Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const document = { ...plugin, main: 'plugin.mjs', integrity: { files: sorted } }
  return new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`)
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** The bytes of `plugin.json` are what was signed and consented to: code that says anything else is refused. */
export const checkSays = (authority: Manifest, said: Manifest): void => {
  if (isDeepStrictEqual(plain(authority), plain(said))) return
  throw new PluginError(
    'plugin.integrity-broken',
    `${authority.id}: its code describes itself differently from its plugin.json`,
  )
}
