import { join } from 'node:path'
import { ApiKeys, Logger, Stores } from '@covent/core'
import { homeLock } from '@covent/database'
import { type App, compose } from '@covent/di'
import { loadServerConfig } from '../config.ts'
import { prepareHome } from '../home.ts'
import { offlineModules } from '../modules.ts'

export interface Offline extends Pick<App, 'get'> {
  stop(): Promise<void>
}

/** The server's own services on the home, with no listener; refused with `config.home-in-use` while a server runs. */
export const openOffline = async (options: {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}): Promise<Offline> => {
  const config = await loadServerConfig(options.argv, options.env)
  prepareHome(config.home)
  const lock = homeLock(join(config.home, 'run', 'lock.db'))
  lock.acquire()
  const app = await compose(
    [Logger, ApiKeys, Stores],
    ...offlineModules({ ...config, log: { ...config.log, level: 'warn' } }),
  )
  try {
    await app.start()
  } catch (cause) {
    lock.release()
    throw cause
  }
  return {
    get: app.get,
    async stop() {
      await app.stop()
      lock.release()
    },
  }
}
