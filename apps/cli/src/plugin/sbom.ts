import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

interface NpmPackage {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license?: string
}

const readPackage = async (folder: string): Promise<NpmPackage | undefined> => {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { name, version, license } = JSON.parse(text) as Readonly<Record<string, unknown>>
  // One without a name only says how files below it are to be read.
  if (typeof name !== 'string' || typeof version !== 'string') return undefined
  return { folder, name, version, ...(typeof license === 'string' && { license }) }
}

const ownerOf = async (file: string): Promise<NpmPackage | undefined> => {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = await readPackage(folder)
    if (found !== undefined || folder === dirname(folder)) return found
  }
}

const component = ({ name, version, license }: NpmPackage): object => {
  const [scope, bare] = name.startsWith('@') ? name.split('/') : [undefined, name]
  const purl = `pkg:npm/${scope === undefined ? '' : `${encodeURIComponent(scope)}/`}${bare}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope !== undefined && { group: scope }),
    name: bare,
    version,
    purl,
    ...(license !== undefined && { licenses: [{ license: { name: license } }] }),
  }
}

export interface BundledFiles {
  readonly folder: string
  readonly entry: string
  /** Relative to the folder. */
  readonly inputs: readonly string[]
}

/** The npm packages whose code is in a bundle, as CycloneDX JSON; the same bundle gives the same bytes. */
export const sbomOf = async (
  { id, version }: { readonly id: string; readonly version: string },
  { folder, entry, inputs }: BundledFiles,
): Promise<Uint8Array> => {
  const own = await ownerOf(resolve(folder, entry))
  const owners = await Promise.all(inputs.map((input) => ownerOf(resolve(folder, input))))
  const found = new Map<string, NpmPackage>()
  for (const owner of owners)
    if (owner !== undefined && owner.folder !== own?.folder)
      found.set(`${owner.name}@${owner.version}`, owner)
  const sorted = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': id, name: id, version } },
    components: sorted.map(component),
  }
  return new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`)
}
