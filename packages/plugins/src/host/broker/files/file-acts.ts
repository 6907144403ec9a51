import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PluginError } from '@covent/core'
import { type OpenFolder, refusedFile } from './open-folder.ts'

export interface Entry {
  readonly name: string
  readonly kind: 'file' | 'folder'
}
export interface Facts {
  readonly kind: 'file' | 'folder'
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}
export interface Range {
  readonly offset: number
  readonly length: number
}
/** As whom what is written stands there, where the server may be anybody. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** What one call reads or writes. */
export const callCapBytes = 1_048_576
const entryCap = 2_000
// A FIFO would hold the call up until somebody writes to it.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

const kindOf = (stat: Stats): Facts['kind'] => {
  if (stat.isDirectory()) return 'folder'
  if (stat.isSymbolicLink()) throw refusedFile('a link, and links are not followed')
  if (!stat.isFile()) throw refusedFile('neither a file nor a folder')
  if (stat.nlink > 1) throw refusedFile('a file of several names (hard links), one of which may be elsewhere')
  return 'file'
}

const fill = async (file: FileHandle, buffer: Buffer, offset: number): Promise<number> => {
  let size = 0
  while (size < buffer.length) {
    const { bytesRead } = await file.read(buffer, size, buffer.length - size, offset + size)
    if (bytesRead === 0) return size
    size += bytesRead
  }
  return size
}

/** Reads a piece, or, without a range, a whole file that must not be larger than one call. */
export const readFile = async (
  { path }: OpenFolder,
  name: string,
  range: Range | undefined,
): Promise<Uint8Array> => {
  const file = await open(join(path, name), readFlags)
  try {
    if (kindOf(await file.stat()) === 'folder') throw refusedFile('a folder')
    // What counts is what is read: the file may grow after it was looked at.
    const buffer = Buffer.alloc(range === undefined ? callCapBytes + 1 : range.length)
    const size = await fill(file, buffer, range?.offset ?? 0)
    if (size > callCapBytes)
      throw new PluginError(
        'plugin.file-refused',
        'the file is larger than 1 MiB; read it in pieces: readBytes(path, { offset, length })',
      )
    return new Uint8Array(buffer.subarray(0, size))
  } finally {
    await file.close()
  }
}

/** Files and folders in it, by name; anything else is left out. */
export const listFolder = async ({ path }: OpenFolder): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  for await (const entry of await opendir(path)) {
    const kind = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : undefined
    if (kind === undefined) continue
    if (entries.length === entryCap)
      throw new PluginError('plugin.file-refused', `the folder holds more than ${entryCap} entries`)
    entries.push({ name: entry.name, kind })
  }
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

export const factsOf = async ({ path }: OpenFolder, name: string): Promise<Facts> => {
  const stat = await lstat(join(path, name))
  return {
    kind: kindOf(stat),
    sizeBytes: stat.isFile() ? stat.size : 0,
    modifiedAt: Math.floor(stat.mtimeMs),
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

const statIfThere = ({ path }: OpenFolder, name: string): Promise<Stats | undefined> =>
  lstat(join(path, name)).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })

/** Size of the file of that name; undefined where there is none. Throws for anything but a file. */
export const fileSize = async (folder: OpenFolder, name: string): Promise<number | undefined> => {
  const stat = await statIfThere(folder, name)
  if (stat === undefined) return undefined
  if (kindOf(stat) === 'folder') throw refusedFile('a folder')
  return stat.size
}

interface NewFile {
  readonly bytes: Uint8Array
  readonly mode: number
  readonly owner: Owner | undefined
}

const fillNew = async (path: string, { bytes, mode, owner }: NewFile): Promise<void> => {
  const file = await open(path, createFlags, 0o600)
  try {
    await file.writeFile(bytes)
    if (mode !== 0o600) await file.chmod(mode)
    if (owner !== undefined) await file.chown(owner.uid, owner.gid)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Puts a file in the place of that name whole or not at all; what had the name before is not written to. */
export const replaceFile = async (
  folder: OpenFolder,
  name: string,
  { bytes, owner }: Omit<NewFile, 'mode'>,
): Promise<void> => {
  const old = await statIfThere(folder, name)
  const fresh = join(folder.path, `.covent-${randomBytes(8).toString('hex')}.part`)
  try {
    await fillNew(fresh, { bytes, owner, mode: (old?.mode ?? 0o600) & 0o777 })
    await rename(fresh, join(folder.path, name))
  } catch (error) {
    await unlink(fresh).catch(() => {}) // it was never made, or has its name already
    throw error
  }
}

/** Throws where something else has that name. */
export const isFolder = async (folder: OpenFolder, name: string): Promise<boolean> => {
  const stat = await statIfThere(folder, name)
  if (stat === undefined || stat.isDirectory()) return stat !== undefined
  throw refusedFile('there already, and no folder')
}

export const makeFolder = async (
  folder: OpenFolder,
  name: string,
  owner: Owner | undefined,
): Promise<void> => {
  const path = join(folder.path, name)
  await mkdir(path, { mode: 0o700 })
  if (owner === undefined) return
  const made = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  await made.chown(owner.uid, owner.gid).finally(() => made.close())
}

/** Removes a file or an empty folder, and returns the bytes that it took. */
export const removeEntry = async (folder: OpenFolder, name: string): Promise<number> => {
  const { kind, sizeBytes } = await factsOf(folder, name)
  await (kind === 'folder' ? rmdir : unlink)(join(folder.path, name))
  return sizeBytes
}
