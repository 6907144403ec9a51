import { lockDifferences, standingLock } from '../../package/lock-file.ts'
import type { RegistryParts } from './registry-parts.ts'

type LockParts = Pick<RegistryParts, 'store' | 'lock' | 'logger'>

/** Writes down what stands now; a change that was made is not undone because that fails. */
export const writeLock = async ({ store, lock, logger }: LockParts): Promise<void> => {
  try {
    await lock.write(await standingLock(store))
  } catch (error) {
    logger.error('the lock file of plugins cannot be written', { error })
  }
}

/** Says at a start where what is installed is not what was written down; makes the file where there is none. */
export const checkLock = async (parts: LockParts): Promise<void> => {
  const { store, lock, logger } = parts
  try {
    const locked = await lock.read()
    const standing = await standingLock(store)
    if (locked === undefined) return standing.length === 0 ? undefined : await writeLock(parts)
    for (const difference of lockDifferences(locked, standing))
      logger.warn('plugins are not as plugins.lock.json says', { difference })
  } catch (error) {
    logger.error('the lock file of plugins cannot be checked', { error })
  }
}
