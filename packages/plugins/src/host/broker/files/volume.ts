import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, PluginError } from '@covent/core'
import { turnstile } from '../../turnstile.ts'
import {
  type Entry,
  type Facts,
  factsOf,
  fileSize,
  isFolder,
  listFolder,
  makeFolder,
  type Owner,
  type Range,
  readFile,
  removeEntry,
  replaceFile,
} from './file-acts.ts'
import { type FolderRoot, inFolder } from './open-folder.ts'

type Names = readonly string[]

/** Files below one root, with a quota that all who write there share. */
export interface Volume {
  read(names: Names, range: Range | undefined): Promise<Uint8Array>
  list(names: Names): Promise<readonly Entry[]>
  stat(names: Names): Promise<Facts>
  write(names: Names, bytes: Uint8Array): Promise<void>
  /** Makes the folder and those above it. */
  makeFolder(names: Names): Promise<void>
  remove(names: Names): Promise<void>
  /** Forgets what was counted, after somebody else has written there. */
  recount(): void
}

export interface VolumeOptions extends FolderRoot {
  /** For messages. */
  readonly name: string
  readonly maxBytes: number
  readonly maxFiles: number
  /** `all` counts what is there; `growth` only what is written through here. */
  readonly counts: 'all' | 'growth'
  readonly owner?: Owner | undefined
  readonly clock: Clock
}

interface Amount {
  readonly bytes: number
  readonly files: number
}

const nothing: Amount = { bytes: 0, files: 0 }
/** Others write to the workspace, too. */
const countHoldsMs = 60_000

const measure = async (path: string, { maxFiles }: VolumeOptions): Promise<Amount> => {
  let [bytes, files] = [0, 0]
  for await (const entry of await opendir(path, { recursive: true })) {
    const stat = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined) // removed meanwhile
    bytes += stat?.isFile() === true ? stat.size : 0
    if (++files > maxFiles) break
  }
  return { bytes, files }
}

const parentOf = (names: Names): { readonly parent: Names; readonly name: string } => {
  const name = names.at(-1)
  if (name === undefined) throw new PluginError('plugin.input-invalid', 'the path names nothing')
  return { parent: names.slice(0, -1), name }
}

const bookOf = (options: VolumeOptions) => {
  const { name, maxBytes, maxFiles, clock, counts, path } = options
  let used = nothing
  let countedAt: number | undefined
  const count = async (): Promise<void> => {
    const isOld = countedAt === undefined || clock.monotonic() - countedAt > countHoldsMs
    if (counts === 'growth' || !isOld) return
    used = await measure(path, options)
    countedAt = clock.monotonic()
  }
  return {
    /** Throws where that much more has no room. */
    async check(more: Amount): Promise<void> {
      await count()
      if (used.bytes + Math.max(0, more.bytes) > maxBytes)
        throw new PluginError('plugin.quota-exceeded', `${name} holds ${maxBytes} bytes at most`)
      if (used.files + Math.max(0, more.files) > maxFiles)
        throw new PluginError('plugin.quota-exceeded', `${name} holds ${maxFiles} files at most`)
    },
    add({ bytes, files }: Amount): void {
      used = { bytes: Math.max(0, used.bytes + bytes), files: Math.max(0, used.files + files) }
    },
    recount(): void {
      countedAt = undefined
    },
  }
}

export const volume = (options: VolumeOptions): Volume => {
  const { owner } = options
  const book = bookOf(options)
  // One change at a time: between the check and the writing nobody takes the room.
  const alone = turnstile(1)
  const writeNow = ({ parent, name }: ReturnType<typeof parentOf>, bytes: Uint8Array): Promise<void> =>
    inFolder(options, parent, async (folder) => {
      const old = await fileSize(folder, name)
      const more = { bytes: bytes.length - (old ?? 0), files: old === undefined ? 1 : 0 }
      await book.check(more)
      await replaceFile(folder, name, { bytes, owner })
      book.add(more)
    })
  const makeOne = (parent: Names, name: string): Promise<void> =>
    inFolder(options, parent, async (folder) => {
      if (await isFolder(folder, name)) return
      const one = { bytes: 0, files: 1 }
      await book.check(one)
      await makeFolder(folder, name, owner)
      book.add(one)
    })
  return {
    async read(names, range) {
      const { parent, name } = parentOf(names)
      return inFolder(options, parent, (folder) => readFile(folder, name, range))
    },
    list: (names) => inFolder(options, names, listFolder),
    async stat(names) {
      if (names.length === 0) return inFolder(options, [], (folder) => factsOf(folder, '.'))
      const { parent, name } = parentOf(names)
      return inFolder(options, parent, (folder) => factsOf(folder, name))
    },
    write: (names, bytes) => alone(async () => writeNow(parentOf(names), bytes)),
    makeFolder: (names) =>
      alone(async () => {
        for (const [depth, name] of names.entries()) await makeOne(names.slice(0, depth), name)
      }),
    remove: (names) =>
      alone(async () => {
        const { parent, name } = parentOf(names)
        const bytes = await inFolder(options, parent, (folder) => removeEntry(folder, name))
        book.add({ bytes: -bytes, files: -1 })
      }),
    recount: book.recount,
  }
}
