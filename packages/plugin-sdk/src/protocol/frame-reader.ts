import { frameCapBytes, WireError } from './limits.ts'

export interface FrameReader {
  /**
   * Frame bodies that the bytes so far complete; those within `chunk` are parts of it, and to be read before it is used
   * again. Throws `WireError` as soon as a header is over the cap.
   */
  push(chunk: Buffer): readonly Buffer[]
}

const headBytes = 4

const frameLength = (bytes: Buffer): number => {
  const length = bytes.readUInt32BE(0)
  if (length > frameCapBytes) throw new WireError('a frame is larger than 1 MiB')
  return headBytes + length
}

/** Cuts a byte stream into frames. It holds at most one frame that is not yet complete. */
export const frameReader = (): FrameReader => {
  /** A part of a head, or room for a whole frame once its length is known. */
  let held = Buffer.alloc(0)
  let filled = 0
  const hold = (bytes: Buffer, length: number): void => {
    const room = Buffer.allocUnsafe(length)
    filled = bytes.copy(room)
    held = room
  }
  /** Adds to what is held; returns the bytes that are left once it is a whole frame. */
  const fill = (chunk: Buffer): Buffer | undefined => {
    const taken = chunk.copy(held, filled)
    filled += taken
    if (filled < held.length) return undefined
    const rest = chunk.subarray(taken)
    const length = frameLength(held)
    if (length === held.length) return rest
    hold(held, length)
    return fill(rest)
  }
  return {
    push(chunk) {
      const frames: Buffer[] = []
      let rest = chunk
      if (filled > 0) {
        const left = fill(rest)
        if (left === undefined) return frames
        frames.push(held.subarray(headBytes))
        filled = 0
        rest = left
      }
      while (rest.length > 0) {
        const end = rest.length < headBytes ? headBytes : frameLength(rest)
        if (end > rest.length) {
          hold(rest, end)
          break
        }
        frames.push(rest.subarray(headBytes, end))
        rest = rest.subarray(end)
      }
      return frames
    },
  }
}
