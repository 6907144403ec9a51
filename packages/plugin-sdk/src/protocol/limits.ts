/** Largest frame body: a payload of 1 MiB and what surrounds it. */
export const frameCapBytes = 1_048_576 + 4_096
/** Plugin source travels in pieces of this size. */
export const sourceChunkBytes = 262_144
export const depthCap = 64
/** Arrays and maps in one frame: empty ones cost one byte on the wire and a hundred in memory. */
export const containerCap = 20_000
export const valueCap = 262_144

/** Bytes or values that the wire does not carry. */
export class WireError extends Error {
  override readonly name = 'WireError'
}
