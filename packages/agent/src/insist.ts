import { AppError, type Clock, type Logger } from '@covent/core'

const isPassing = (error: unknown): boolean =>
  AppError.is(error, 'database.unavailable') || AppError.is(error, 'database.full')

export interface InsistOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/**
 * Writes what must not be lost, again and again while the database is away or full, until the signal's abort. A write
 * that did commit though its answer was lost is met by the store's refusal of a second end.
 */
export const insist = async <T>(write: () => Promise<T>, options: InsistOptions): Promise<T> => {
  for (let waitMs = 50; ; waitMs = Math.min(2 * waitMs, 5000)) {
    try {
      return await write()
    } catch (error) {
      if (!isPassing(error)) throw error
      options.logger.warn('a turn cannot be written, trying again', { err: error, waitMs })
      await options.clock.sleep(waitMs, options.signal)
    }
  }
}
