import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClientError } from '@covent/core'

export interface LockedPackage {
  readonly bytes: Buffer
  readonly grants: readonly string[]
}

const unreadable =
  (path: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw new ClientError('request.not-found', `${path} cannot be read (${cause.code ?? 'unknown'})`, {
      cause,
    })
  }

/** The packages of a folder by the digest of their plugin.json. */
const packagesIn = async (folder: string): Promise<ReadonlyMap<string, Buffer>> => {
  const { readPackage } = await import('@covent/server/offline')
  const names = (await readdir(folder).catch(unreadable(folder))).filter((name) => name.endsWith('.tgz'))
  const found = new Map<string, Buffer>()
  for (const name of names) {
    const bytes = await readFile(join(folder, name))
    found.set((await readPackage(bytes)).digest, bytes)
  }
  return found
}

/** For each entry of a lock file the package that it means. Throws before anything is installed where one is missing. */
export const lockedPackages = async (lockfile: string, folder: string): Promise<readonly LockedPackage[]> => {
  const { parseLock } = await import('@covent/server/offline')
  const entries = parseLock(lockfile, await readFile(lockfile, 'utf8').catch(unreadable(lockfile)))
  const packages = await packagesIn(folder)
  return entries.map(({ id, version, sha256, grants }) => {
    const bytes = packages.get(sha256)
    if (bytes !== undefined) return { bytes, grants }
    throw new ClientError(
      'request.not-found',
      `${folder} holds no package of ${id} ${version} with the digest ${sha256}; nothing was installed`,
    )
  })
}
