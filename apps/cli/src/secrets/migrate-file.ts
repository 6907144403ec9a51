import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ClientError } from '@covent/core'
import { type Credential, credentialsIn } from './known-shapes.ts'
import type { SecretDesk } from './secret-desk.ts'

const mostBytes = 1024 * 1024

export interface Migrated {
  readonly names: readonly string[]
  /** False where the file holds other things too, which stay in it. */
  readonly removed: boolean
}

const refuse = (why: string): ClientError => new ClientError('request.malformed', why)

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ELOOP: 'it is a link; name the file itself',
  EISDIR: 'it is a folder',
}

const using = async <T>(path: string, flags: number | string, work: (file: FileHandle) => Promise<T>) => {
  const file = await open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw refuse(reasons[error.code ?? ''] ?? `it cannot be opened (${error.code})`)
  })
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

const read = (path: string) =>
  using(path, constants.O_RDONLY | constants.O_NOFOLLOW, async (file) => {
    const stats = await file.stat()
    if (!stats.isFile()) throw refuse('it is no plain file')
    if (stats.nlink > 1) throw refuse('it has another name (a hard link), which would keep its content')
    if (stats.size > mostBytes) throw refuse('it is larger than 1 MiB')
    return { stats, text: await file.readFile('utf8') }
  })

/** Keeps them, and reads each back. */
const keep = async (desk: SecretDesk, credentials: readonly Credential[], mayReplace: boolean) => {
  const there = new Set((await desk.list()).map(({ name }) => name))
  for (const { name, value } of credentials)
    if (!mayReplace && there.has(name) && !(await desk.verify(name, value)))
      throw refuse(`${name} has another value already; say --replace to give it the one of the file`)
  for (const { name, value } of credentials) await desk.set(name, value)
  for (const { name, value } of credentials)
    if (!(await desk.verify(name, value))) throw refuse(`${name} does not read back as it was written`)
}

const checkUnchanged = async (path: string, before: Stats): Promise<void> => {
  const { ino, size, mtimeMs } = await lstat(path)
  if (ino !== before.ino || size !== before.size || mtimeMs !== before.mtimeMs)
    throw refuse('it was changed meanwhile; try again')
}

const replaceBy = async (path: string, content: unknown): Promise<void> => {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  await using(draft, 'wx', async (file) => {
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`)
    await file.sync()
  })
  await rename(draft, path)
}

/**
 * Moves the credentials of a file into secure storage. They are out of the file only once all are kept and read back the same;
 * on any failure nothing is removed.
 */
export const migrateFile = async (desk: SecretDesk, path: string, mayReplace: boolean): Promise<Migrated> => {
  const { stats, text } = await read(path)
  const { credentials, rest } = credentialsIn(text)
  await keep(desk, credentials, mayReplace)
  await checkUnchanged(path, stats)
  await (rest === undefined ? unlink(path) : replaceBy(path, rest))
  await using(dirname(path), 'r', (folder) => folder.sync())
  return { names: credentials.map(({ name }) => name), removed: rest === undefined }
}
