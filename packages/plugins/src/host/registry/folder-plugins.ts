import { AppError, type Logger } from '@covent/core'
import { folderSource, installedSources, pluginsFolder } from '../source/plugin-source.ts'
import { type FolderWatch, watchFolders } from '../source/watch-folders.ts'
import { turnstile } from '../turnstile.ts'
import type { PackagedPlugins } from './packaged-plugins.ts'

/** The plugins in the folders of the home. */
export interface FolderPlugins {
  /** Starts those that are there; where that is wanted, what is saved later takes over from what runs. */
  begin(): Promise<void>
  stop(): Promise<void>
}

export interface FolderOptions {
  readonly home: string
  readonly isWatched: boolean
  readonly logger: Logger
  readonly plugins: Pick<PackagedPlugins, 'place' | 'remove' | 'stop'>
}

export const folderPlugins = ({ home, isWatched, logger, plugins }: FolderOptions): FolderPlugins => {
  const alone = turnstile(1)
  let watch: FolderWatch | undefined
  let isStopped = false
  const reload = async (name: string): Promise<void> => {
    const source = await folderSource(home, name)
    if (source === undefined) return plugins.remove(name)
    const placed = await plugins.place({ source, enabled: true })
    await placed.settled
    if (placed.running() !== undefined) logger.info('plugin reloaded', { plugin: name })
  }
  const changed = async (name: string): Promise<void> => {
    try {
      if (!isStopped) await reload(name)
    } catch (error) {
      const reason = AppError.is(error) ? error.message : String(error)
      logger.warn('plugin not reloaded', { plugin: name, reason })
    }
  }
  return {
    async begin() {
      for (const source of await installedSources(home)) await plugins.place({ source, enabled: true })
      if (!isWatched) return
      const folder = pluginsFolder(home)
      watch = await watchFolders({ folder, logger, changed: (name) => void alone(() => changed(name)) })
    },
    async stop() {
      isStopped = true
      await watch?.close()
      await plugins.stop()
    },
  }
}
