import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
// A clock's sleep would let the process end before its write.
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, SecretError } from '@covent/core'

const retryMs = 10
const patienceMs = 5_000

/** Tries once: SQLite's lock is the kernel's, which lets go of it when a process dies. */
const tryLock = (path: string): DatabaseSync | undefined => {
  const held = new DatabaseSync(path, { timeout: 0 })
  try {
    held.exec('begin exclusive')
    return held
  } catch (error) {
    held.close()
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) return undefined
    throw error
  }
}

/** Lets one process at a time through. */
export interface FileLock {
  run<T>(work: () => Promise<T>): Promise<T>
}

export const fileLock = (path: string, clock: Clock): FileLock => {
  let leftMs = Number.NEGATIVE_INFINITY

  const take = async (): Promise<DatabaseSync> => {
    const until = clock.monotonic() + patienceMs
    // Who comes back at once would never let in the others, who look once in a while.
    if (clock.monotonic() - leftMs < retryMs) await pause(2 * retryMs)
    for (;;) {
      const held = tryLock(path)
      if (held !== undefined) return held
      if (clock.monotonic() >= until)
        throw new SecretError(
          'secret.store-unavailable',
          `another process holds ${path}; try again when it has ended`,
        )
      await pause(retryMs)
    }
  }
  return {
    async run(work) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const held = await take()
      try {
        return await work()
      } finally {
        held.close()
        leftMs = clock.monotonic()
      }
    },
  }
}
