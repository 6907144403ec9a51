import { fstatSync, write, writeSync } from 'node:fs'

/** Written; or lost, as the disk is full; or there is no reader any more. */
export type WriteOutcome = 'written' | 'lost' | 'broken'

export interface Descriptor {
  /** Writes all bytes without blocking, however many steps they are taken in. One call at a time. */
  write(bytes: Buffer): Promise<WriteOutcome>
  /** From now on a reader that takes nothing does not keep the process alive. */
  release(): void
  /** As the process exits: blocks until the rest and these bytes are written, or nothing was taken for two seconds (once released: 0.2). */
  end(bytes: Buffer): void
}

const retryMs = 5
const longestWaitMs = 2000
const waitAfterReleaseMs = 200
const nothing: Buffer = Buffer.alloc(0)

export const descriptor = (fd: number): Descriptor => {
  const isPipe = unblock(fd)
  let rest = nothing
  let isReleased = false

  const retry = (step: () => void): void => {
    const timer = setTimeout(step, retryMs)
    if (isReleased) timer.unref()
  }
  /** A pipe takes at once what it has room for; no thread is held, and what is left is known at any time. */
  const writePipe = (done: (outcome: WriteOutcome) => void): void => {
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
      done('written')
    } catch (error) {
      const outcome = outcomeOf(error)
      if (outcome === 'busy') return retry(() => writePipe(done))
      rest = nothing
      done(outcome)
    }
  }
  /** A disk may be slow: another thread waits for it, and the exit waits for that thread. */
  const writeFile = (bytes: Buffer, done: (outcome: WriteOutcome) => void): void =>
    write(fd, bytes, (error, written) => {
      const outcome = error === null ? 'written' : outcomeOf(error)
      if (outcome === 'busy') retry(() => writeFile(bytes, done))
      else if (outcome === 'written' && written < bytes.length) writeFile(bytes.subarray(written), done)
      else done(outcome)
    })
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (!isPipe) return writeFile(bytes, resolve)
        rest = bytes
        writePipe(resolve)
      }),
    release() {
      isReleased = true
    },
    end(bytes) {
      writeBlocking(fd, Buffer.concat([rest, bytes]), isReleased ? waitAfterReleaseMs : longestWaitMs)
    },
  }
}

/**
 * Makes a pipe on stdout or stderr non-blocking, as Node does when it opens them as streams; true where that is so. A
 * write to a blocking pipe whose reader hangs would hold a thread of Node's pool, and the process could not even exit.
 */
const unblock = (fd: number): boolean => {
  if (fd !== 1 && fd !== 2) return false
  const stats = fstatSync(fd)
  if (!stats.isFIFO() && !stats.isSocket()) return false
  void (fd === 1 ? process.stdout : process.stderr)
  return true
}

const outcomeOf = (error: unknown): WriteOutcome | 'busy' => {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'EAGAIN' || code === 'EBUSY') return 'busy'
  return code === 'EPIPE' || code === 'EBADF' ? 'broken' : 'lost'
}

const writeBlocking = (fd: number, bytes: Buffer, longestMs: number): void => {
  let waitedMs = 0
  for (let offset = 0; offset < bytes.length && waitedMs < longestMs;) {
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
