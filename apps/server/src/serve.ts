import { join } from 'node:path'
import { Api } from '@covent/api'
import { EventBus, Logger, PluginHost } from '@covent/core'
import { homeLock } from '@covent/database'
import type { App } from '@covent/di'
import type { ServerConfig } from './config.ts'
import { prepareHome } from './home.ts'
import { readyText } from './ready-text.ts'
import { stopSignal } from './stop-signal.ts'

/**
 * Runs a composed app: takes the home, starts, says that it is ready, waits for a signal and stops. Resolves with the
 * exit code; rejects where the app cannot start.
 */
export const serve = async (app: App, config: ServerConfig): Promise<number> => {
  prepareHome(config.home)
  const lock = homeLock(join(config.home, 'run', 'lock.db'))
  lock.acquire()
  try {
    await app.start()
    crashLoudly(app.get(Logger))
    announce(app, config)
    const signal = await stopSignal()
    return await stopApp(app, signal, config.http.shutdownGraceMs)
  } finally {
    lock.release()
  }
}

const announce = (app: App, config: ServerConfig): void => {
  const plugins = app.get(PluginHost)
  const ready = {
    pid: process.pid,
    url: app.get(Api).url,
    startupMs: Math.round(performance.now()),
    isolation: plugins.isolation.thirdParty,
    isolationFirstParty: plugins.isolation.firstParty,
    plugins: plugins.list().map(({ id, version, state, isolation }) => ({ id, version, state, isolation })),
  }
  if (config.isTerminal) process.stdout.write(readyText(ready, config))
  else app.get(Logger).info('ready', ready)
  app.get(EventBus).emit('system.started', { pid: ready.pid, startupMs: ready.startupMs })
}

/** Stops inside the grace and a little more for what stands behind the listener, else gives up with exit code 1. */
const stopApp = async (app: App, reason: string, graceMs: number): Promise<number> => {
  app.get(Logger).info('stopping', { reason })
  app.get(EventBus).emit('system.stopping', { reason })
  const late = setTimeout(() => process.exit(1), graceMs + 10_000)
  try {
    await app.stop()
    return 0
  } catch (error) {
    console.error(error)
    return 1
  } finally {
    clearTimeout(late)
  }
}

/** What nobody caught is a fault of ours: the process ends, and the next start takes up what was accepted. */
const crashLoudly = (logger: Logger): void => {
  process.on('uncaughtException', (error, origin) => {
    logger.error('crashed', { error, origin })
    // The logger writes what it holds as the process exits.
    process.exit(1)
  })
}
