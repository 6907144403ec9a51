import type { PluginPermission } from '../permissions.ts'

export interface FileEntry {
  readonly name: string
  readonly kind: 'file' | 'folder'
}
export interface FileFacts {
  readonly kind: 'file' | 'folder'
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}
export interface FileRange {
  /** 0 when absent. */
  readonly offset?: number
  /** 1 MiB when absent, which is the most. */
  readonly length?: number
}

/**
 * Reads plain files. Rejects with an error whose `code` is `plugin.file-not-found`, `plugin.file-refused` (a link, a file
 * of several names, a device) or `plugin.permission-denied`.
 */
export interface FileReader<Path extends string> {
  /** Rejects where the file is larger than 1 MiB, or no UTF-8 text. */
  readText(path: Path): Promise<string>
  /** A file of up to 1 MiB, or the piece that `range` names; what lies past its end is left out. */
  readBytes(path: Path, range?: FileRange): Promise<Uint8Array>
  /** Files and folders in it, by name, 2,000 at most. */
  list(folder: Path): Promise<readonly FileEntry[]>
  stat(path: Path): Promise<FileFacts>
}

/** Each file is replaced whole or not at all, and is up to 1 MiB. */
export interface FileWriter<Path extends string> {
  /** The folder must be there. Rejects with `plugin.quota-exceeded` where there is no room. */
  writeText(path: Path, text: string): Promise<void>
  writeBytes(path: Path, bytes: Uint8Array): Promise<void>
  /** Makes the folder and those above it, where they are not there. */
  mkdir(path: Path): Promise<void>
  /** Removes a file or an empty folder. */
  remove(path: Path): Promise<void>
}

type Covered<Pattern extends string> = Pattern extends `${infer Folder}/**`
  ? Folder | `${Folder}/${string}`
  : Starred<Pattern>
type Starred<Pattern extends string> = Pattern extends `${infer Head}*${infer Tail}`
  ? `${Head}${string}${Starred<Tail>}`
  : Pattern
type Patterns<P, K extends PluginPermission> = P extends { readonly [k in K]: unknown }
  ? P extends { readonly [k in K]: { readonly paths: readonly (infer Path extends string)[] } }
    ? Path
    : string
  : never

/** The paths that the permission covers in `P`, as they are written to `ctx.workspace`. */
export type WorkspacePaths<P, K extends 'fs:read:workspace' | 'fs:write:workspace'> = Covered<Patterns<P, K>>
/** Absolute ones, and in the home those that begin with `~/`. */
export type ReadPaths<P> =
  | Covered<Patterns<P, 'fs:read:system'>>
  | `~/${Covered<Patterns<P, 'fs:read:home'>>}`
export type WritePaths<P> = Covered<Patterns<P, 'fs:write:any'>>
