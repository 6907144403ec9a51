import { write, writeSync } from 'node:fs'

const retryMs = 5

/** Written; or lost, as the disk is full; or there is no reader any more. */
export type WriteOutcome = 'written' | 'lost' | 'broken'

const outcomeOf = (error: unknown): WriteOutcome | 'busy' => {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'EAGAIN' || code === 'EBUSY') return 'busy'
  return code === 'EPIPE' || code === 'EBADF' ? 'broken' : 'lost'
}

/** Writes all bytes without blocking, however many steps the descriptor takes them in. */
export const writeAll = (fd: number, bytes: Buffer): Promise<WriteOutcome> =>
  new Promise((resolve) => {
    const writeFrom = (offset: number): void => {
      if (offset >= bytes.length) return resolve('written')
      write(fd, bytes, offset, bytes.length - offset, null, (error, written) => {
        if (error === null) return writeFrom(offset + written)
        const outcome = outcomeOf(error)
        if (outcome === 'busy') setTimeout(writeFrom, retryMs, offset)
        else resolve(outcome)
      })
    }
    writeFrom(0)
  })

const longestWaitMs = 2000

/** As the process exits: blocks until all is written, or until the reader has taken nothing for two seconds. */
export const writeAllSync = (fd: number, bytes: Buffer): void => {
  let waitedMs = 0
  for (let offset = 0; offset < bytes.length && waitedMs < longestWaitMs;) {
    try {
      offset += writeSync(fd, bytes, offset)
      waitedMs = 0
    } catch (error) {
      if (outcomeOf(error) !== 'busy') return
      waitedMs += retryMs
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs)
    }
  }
}
