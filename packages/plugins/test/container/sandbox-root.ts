import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { runnerPath } from '../../src/drivers/surroundings.ts'
import { sharedLibraries } from '../../src/drivers/system-files.ts'

const run = promisify(execFile)

/** Lays out what deploy/sandbox/Dockerfile does, from this machine's Node: no registry is asked. */
const layOut = async (root: string): Promise<void> => {
  const libraries = await sharedLibraries(process.execPath)
  const files = [
    [process.execPath, '/app/node'],
    [runnerPath, '/app/runner.mjs'],
    ...libraries.map((path) => [path, path] as const),
  ] as const
  for (const [from, to] of files) {
    const path = join(root, to)
    await mkdir(dirname(path), { recursive: true })
    await copyFile(from, path)
    await chmod(path, 0o755)
  }
  for (const folder of ['tmp', 'run', 'var/tmp']) await mkdir(join(root, folder), { recursive: true })
}

/** An archive that `podman import` makes an image of. */
export const sandboxArchive = async (folder: string): Promise<string> => {
  const root = join(folder, 'root')
  await layOut(root)
  const archive = join(folder, 'root.tar')
  await run('tar', ['-C', root, '-cf', archive, '.'])
  return archive
}
