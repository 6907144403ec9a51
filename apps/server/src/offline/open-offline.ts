import { join } from 'node:path'
import { ApiKeys, Logger, Stores, type Token } from '@covent/core'
import { homeLock } from '@covent/database'
import { type App, compose } from '@covent/di'
import { loadServerConfig } from '../config.ts'
import { prepareHome } from '../home.ts'
import { offlineModules } from '../modules.ts'

export interface Offline extends Pick<App, 'get'> {
  stop(): Promise<void>
}

/** The server's own services on the home, `needs` among them, with no listener and logs on stderr; refused with `config.home-in-use` while a server runs. */
export const openOffline = async (
  options: { readonly argv: readonly string[]; readonly env: NodeJS.ProcessEnv },
  needs: readonly Token<unknown>[] = [],
): Promise<Offline> => {
  const config = await loadServerConfig(options.argv, options.env)
  prepareHome(config.home)
  const lock = homeLock(join(config.home, 'run', 'lock.db'))
  lock.acquire()
  const app = await compose(
    [Logger, ApiKeys, Stores, ...needs],
    ...offlineModules({ ...config, log: { ...config.log, level: 'warn' } }, { logTo: 2 }),
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
