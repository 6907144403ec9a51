import { PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import { pack, sha256, unpack } from './archive.ts'
import {
  integrityOf,
  type PackageManifest,
  parsePackageManifest,
  printPackageManifest,
} from './package-manifest.ts'
import type { Files } from './tar.ts'

export const manifestName = 'plugin.json'
export const signatureName = 'plugin.json.sig'
export const mainName = 'plugin.mjs'
/** Beside what `integrity.files` lists; a new signature or certificate changes nothing that was signed. */
const detached: readonly string[] = [manifestName, signatureName, 'certificate.json']
/** Beside those: what people and scanners read, and what the plugin shows. */
const allowedNames = /^(README\.md|CHANGELOG\.md|sbom\.cdx\.json|plugin\.mjs|assets\/.+)$/
const mainCapBytes = 2_097_152
/** As much as the code could say of itself, which has to be the same. */
const manifestCapBytes = 1_048_576

/** A package whose every file is as its manifest says. Whether its signature holds is another question. */
export interface PluginPackage extends PackageManifest {
  readonly contents: Files
  readonly manifestBytes: Uint8Array
  /** SHA-256 of the manifest's bytes, which hold the digests of all files: what grants are bound to. */
  readonly digest: string
  readonly signature: Uint8Array | undefined
  /** The code. */
  readonly text: string
}

type Code = 'plugin.package-invalid' | 'plugin.integrity-broken'

/** Whether the files are exactly those of the manifest; `code` says what it means where they are not. */
export const checkedPackage = (contents: Files, code: Code): PluginPackage => {
  const refuse = (why: string): never => {
    throw new PluginError(code, `the package is refused: ${why}`)
  }
  const manifestBytes = contents.get(manifestName) ?? refuse('it has no plugin.json')
  if (manifestBytes.length > manifestCapBytes) refuse('plugin.json is larger than 1 MiB')
  const manifest = parsePackageManifest(manifestBytes)
  const { files } = manifest
  const extra = [...contents.keys()].find((name) => !detached.includes(name) && !Object.hasOwn(files, name))
  if (extra !== undefined) refuse(`${extra} is not listed in integrity.files`)
  for (const [name, wanted] of Object.entries(files)) {
    if (detached.includes(name)) refuse(`${name} cannot be listed in integrity.files`)
    if (!allowedNames.test(name)) refuse(`${name} is no file of a package; others go under assets/`)
    const bytes = contents.get(name) ?? refuse(`${name} is missing`)
    if (integrityOf(bytes) !== wanted) refuse(`${name} is not the file that plugin.json lists`)
  }
  const main = contents.get(mainName)
  if (main === undefined || !Object.hasOwn(files, mainName)) return refuse('it has no plugin.mjs')
  if (main.length > mainCapBytes) refuse('plugin.mjs is larger than 2 MiB')
  return {
    ...manifest,
    contents,
    manifestBytes,
    digest: sha256(manifestBytes),
    signature: contents.get(signatureName),
    text: new TextDecoder().decode(main),
  }
}

export const readPackage = async (packed: Uint8Array): Promise<PluginPackage> =>
  checkedPackage(await unpack(packed), 'plugin.package-invalid')

export interface PackageParts {
  /** What the code said of itself in the sandbox. */
  readonly plugin: Manifest
  readonly code: string
  /** Files beside the code: README.md, assets. */
  readonly others: Files
}

/** The unsigned package of these parts. */
export const makePackage = ({ plugin, code, others }: PackageParts): Uint8Array => {
  const contents = new Map([...others, [mainName, new TextEncoder().encode(code)]])
  const files = Object.fromEntries([...contents].map(([name, bytes]) => [name, integrityOf(bytes)]))
  contents.set(manifestName, printPackageManifest({ plugin, files }))
  return pack(checkedPackage(contents, 'plugin.package-invalid').contents)
}
