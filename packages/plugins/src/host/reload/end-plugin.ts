import type { Clock } from '@covent/core'
import type { LoadedPlugin } from '../load-plugin.ts'
import { callHook } from '../parts/call-part.ts'

const unloadMs = 5_000

/** Resolves when its calls have ended, or the time for that has. */
export const drained = async (running: LoadedPlugin, clock: Clock, drainMs: number): Promise<void> => {
  const done = new AbortController()
  const late = clock.sleep(drainMs, done.signal).catch(() => {}) // it is drained
  await Promise.race([running.idle(), running.sandbox.exited, late])
  done.abort()
}

/** Runs `onUnload` and ends the process, with five seconds for both. */
export const endPlugin = async (running: LoadedPlugin, clock: Clock): Promise<void> => {
  const startedAt = clock.monotonic()
  if (running.manifest.hooks.includes('unload'))
    await callHook(running, { name: 'unload' }, clock).catch(() => {}) // it ends anyway
  await running.sandbox.stop(Math.max(0, unloadMs - (clock.monotonic() - startedAt)))
}
