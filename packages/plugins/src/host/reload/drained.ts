import type { Clock } from '@covent/core'
import type { LoadedPlugin } from '../load-plugin.ts'

/** Resolves when no call of it is in flight, when it has ended, or after `drainMs`. */
export const drained = async (
  { idle, sandbox }: Pick<LoadedPlugin, 'idle' | 'sandbox'>,
  clock: Clock,
  drainMs: number,
): Promise<void> => {
  const done = new AbortController()
  const late = clock.sleep(drainMs, done.signal).catch(() => {}) // it is drained
  await Promise.race([idle(), sandbox.exited, late])
  done.abort()
}
