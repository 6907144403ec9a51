import { relative, sep } from 'node:path'
import type { Logger } from '@covent/core'

export interface FolderWatch {
  close(): Promise<void>
}

export interface WatchOptions {
  /** Holds a folder for each plugin. */
  readonly folder: string
  readonly logger: Logger
  /** Hears the name of the folder in which something was written or removed. */
  changed(name: string): void
}

/** A file counts as written when it has been still for so long: editors write in several steps. */
const stillMs = 100

/** Watches the folders of plugins in development. */
export const watchFolders = async ({ folder, logger, changed }: WatchOptions): Promise<FolderWatch> => {
  const { watch } = await import('chokidar')
  const watcher = watch(folder, {
    depth: 1,
    ignoreInitial: true,
    followSymlinks: false,
    awaitWriteFinish: { stabilityThreshold: stillMs, pollInterval: stillMs / 4 },
  })
  watcher.on('error', (error) => logger.warn('the folders of plugins cannot be watched', { error }))
  watcher.on('all', (_, path) => {
    const [name = '', file] = relative(folder, path).split(sep)
    if (file !== undefined) changed(name)
  })
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  return watcher
}
