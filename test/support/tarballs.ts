import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rename, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const root: string = join(import.meta.dirname, '..', '..')

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** Folder of each publishable package, by name. */
export const publishable = (): ReadonlyMap<string, string> => {
  const folders = ['packages', 'apps', 'examples/plugins'].flatMap((place) =>
    readdirSync(join(root, place)).map((name) => join(root, place, name)),
  )
  const present = folders.filter((folder) => existsSync(join(folder, 'package.json')))
  return new Map(present.filter((f) => manifestOf(f).private !== true).map((f) => [manifestOf(f).name, f]))
}

let packed: Promise<ReadonlyMap<string, string>> | undefined
/** Packs every publishable package as it would be published; tarball by name. The build must be fresh. */
export const packAll = (): Promise<ReadonlyMap<string, string>> => (packed ??= pack())

const pack = async (): Promise<ReadonlyMap<string, string>> => {
  const folder = await mkdtemp(join(tmpdir(), 'covent-packed-'))
  const entries = [...publishable()].map(async ([name, source]): Promise<[string, string]> => {
    const file = join(folder, `${name.replace('@', '').replace('/', '-')}.tgz`)
    await run(join(root, 'node_modules', '.bin', 'pnpm'), ['pack', '--out', file], { cwd: source })
    return [name, file]
  })
  return new Map(await Promise.all(entries))
}

/**
 * A project outside the workspace with only these packages in it: our own from their tarballs, with all that they
 * declare as dependencies and nothing else, so that what is not declared cannot be imported.
 */
export const stage = async (names: readonly string[]): Promise<string> => {
  const project = await realpath(await mkdtemp(join(tmpdir(), 'covent-alone-')))
  const tarballs = await packAll()
  const done = new Set<string>()
  const put = async (name: string): Promise<void> => {
    if (done.has(name)) return
    done.add(name)
    const tarball = tarballs.get(name)
    if (tarball === undefined) throw new Error(`${name} is not publishable`)
    const target = join(project, 'node_modules', name)
    await mkdir(dirname(target), { recursive: true })
    await run('tar', [
      '-xzf',
      tarball,
      '-C',
      dirname(target),
      '--transform',
      `s,^package,${target.split('/').at(-1)},`,
    ])
    const { dependencies = {} } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as Manifest
    for (const dependency of Object.keys(dependencies)) {
      if (tarballs.has(dependency)) await put(dependency)
      else await link(project, publishable().get(name) as string, dependency)
    }
  }
  for (const name of names) await put(name)
  return project
}

/** Third-party code comes from the workspace's own store: the same bytes, no network. */
export const link = async (project: string, from: string, dependency: string): Promise<void> => {
  const target = join(project, 'node_modules', dependency)
  if (existsSync(target)) return
  await mkdir(dirname(target), { recursive: true })
  const aside = `${target}.${Math.random()}`
  await symlink(await realpath(join(from, 'node_modules', dependency)), aside)
  await rename(aside, target)
}
