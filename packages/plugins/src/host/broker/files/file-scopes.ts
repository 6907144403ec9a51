import { PluginError } from '@covent/core'
import type { PluginPermission } from '@covent/plugin-sdk'
import type { Asker, Wanted } from '../broker-method.ts'
import { declared } from '../network-policy.ts'
import type { FileStores } from './file-stores.ts'
import { isClosed, namesOf } from './guest-path.ts'
import { coversPath } from './path-pattern.ts'
import type { Volume } from './volume.ts'

export type FilePermission = Extract<PluginPermission, `fs:${string}`>
export type Access = 'read' | 'write'

/** A path, and what it takes to use it. */
export interface FileTarget {
  readonly permission: FilePermission
  /** As the manifest writes it. */
  readonly pattern: string
  readonly names: readonly string[]
  readonly root: 'workspace' | 'tmp' | 'home' | 'system'
}

const filesTarget = (path: string, access: Access): FileTarget => {
  if (path === '~' || path.startsWith('~/')) {
    const names = namesOf(path.slice(2))
    // What is written by ctx.files stands at absolute paths: the home has no permission of its own for it.
    if (access === 'read') return { permission: 'fs:read:home', pattern: path.slice(2), names, root: 'home' }
    throw new PluginError('plugin.input-invalid', `ctx.files writes to absolute paths only, not to ${path}`)
  }
  if (!path.startsWith('/'))
    throw new PluginError('plugin.input-invalid', 'a path of ctx.files begins with "~/" or "/"')
  const permission = access === 'read' ? 'fs:read:system' : 'fs:write:any'
  return { permission, pattern: path, names: namesOf(path.slice(1)), root: 'system' }
}

/** Reads what a guest wrote. Throws for a path that is none. */
export const fileTarget = (
  facet: 'workspace' | 'tmp' | 'files',
  path: string,
  access: Access,
): FileTarget => {
  if (facet === 'files') return filesTarget(path, access)
  const names = namesOf(path)
  if (facet === 'tmp') return { permission: 'fs:write:temp', pattern: path, names, root: 'tmp' }
  return { permission: `fs:${access}:workspace`, pattern: path || '**', names, root: 'workspace' }
}

const scopeOf = ({ permission, pattern }: FileTarget): object =>
  permission === 'fs:write:temp' ? {} : { paths: [pattern] }

export const wantedOf = (target: FileTarget): Wanted => {
  const { permission, pattern, root } = target
  const shown = root === 'home' ? `~/${pattern}` : pattern
  return { permission, target: shown || 'ctx.tmp', scope: scopeOf(target) }
}

/** Why no grant opens this path; undefined where one may. */
export const closedRemedy = ({ names }: FileTarget): string | undefined =>
  isClosed(names) ? 'another path: places where credentials are kept are open to no plugin' : undefined

export const isCovered = (asker: Asker, { permission, names }: FileTarget): boolean => {
  if (asker.manifest === undefined || !asker.grants.has(permission)) return false
  const found = declared(asker.manifest, asker).flatMap((set) => set[permission] ?? [])
  return found.some((grant) => {
    const paths = 'paths' in grant ? grant.paths : undefined
    return paths === undefined || paths.some((pattern) => coversPath(pattern, names))
  })
}

export const volumeOf = async (stores: FileStores, asker: Asker, { root }: FileTarget): Promise<Volume> => {
  if (root === 'workspace') return stores.workspace()
  if (root === 'tmp') return stores.temporary(asker)
  if (root === 'system') return stores.system(asker)
  const home = stores.home()
  if (home !== undefined) return home
  throw new PluginError('plugin.file-not-found', 'the server runs as nobody who has a home folder')
}
