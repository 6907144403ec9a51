import { frameCapBytes, WireError } from './limits.ts'

export interface FrameReader {
  /** Frame bodies that the bytes so far complete. Throws `WireError` as soon as a header is over the cap. */
  push(chunk: Buffer): readonly Buffer[]
}

const headBytes = 4

/** Cuts a byte stream into frames. It holds at most one frame that is not yet complete. */
export const frameReader = (): FrameReader => {
  let parts: Buffer[] = []
  let held = 0
  const joined = (): Buffer => (parts.length === 1 ? parts[0]! : Buffer.concat(parts, held))
  const bodyLength = (bytes: Buffer): number => {
    const length = bytes.readUInt32BE(0)
    if (length > frameCapBytes) throw new WireError('a frame is larger than 1 MiB')
    return length
  }
  let wanted = headBytes
  return {
    push(chunk) {
      parts.push(chunk)
      held += chunk.length
      if (held < wanted) return []
      let rest = joined()
      const frames: Buffer[] = []
      wanted = headBytes
      while (rest.length >= headBytes) {
        const end = headBytes + bodyLength(rest)
        wanted = end
        if (rest.length < end) break
        frames.push(rest.subarray(headBytes, end))
        rest = rest.subarray(end)
        wanted = headBytes
      }
      parts = rest.length === 0 ? [] : [rest]
      held = rest.length
      return frames
    },
  }
}
