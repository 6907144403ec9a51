import type { Duplex } from 'node:stream'

/** Writes what is said in one turn of the event loop at once, as one system call. */
export const tickWriter = (stream: Duplex): ((bytes: Buffer) => void) => {
  let isCorked = false
  const uncork = (): void => {
    isCorked = false
    stream.uncork()
  }
  return (bytes) => {
    if (!isCorked) {
      isCorked = true
      stream.cork()
      process.nextTick(uncork)
    }
    stream.write(bytes)
  }
}
