import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const missing = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  throw error
}

/** The text of a file; undefined where there is none. */
export const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(missing)

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** It is gone when this resolves, also after a crash. */
export const removeDurably = async (path: string): Promise<void> => {
  await rm(path, { force: true })
  await syncFolder(dirname(path)).catch(missing)
}

/** Replaces a file, which only its owner can read: after a crash there is the old text or the new one, whole. */
export const writeDurably = async (path: string, text: string): Promise<void> => {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(folder)
}
