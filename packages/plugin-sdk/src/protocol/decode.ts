import { containerCap, depthCap, valueCap, WireError } from './limits.ts'

/** Walks one frame. Each length is checked against what is left before anything is made for it. */
interface Cursor {
  readonly bytes: Buffer
  at: number
  depth: number
  containers: number
  values: number
}

const take = (cursor: Cursor, length: number): number => {
  const start = cursor.at
  if (length > cursor.bytes.length - start) throw new WireError('the frame is shorter than it says')
  cursor.at = start + length
  return start
}

const uint = (cursor: Cursor, width: 1 | 2 | 4): number => cursor.bytes.readUIntBE(take(cursor, width), width)
const int = (cursor: Cursor, width: 1 | 2 | 4): number => cursor.bytes.readIntBE(take(cursor, width), width)

const text = (cursor: Cursor, length: number): string => {
  const start = take(cursor, length)
  return cursor.bytes.toString('utf8', start, cursor.at)
}

const binary = (cursor: Cursor, length: number): Uint8Array => {
  const start = take(cursor, length)
  return new Uint8Array(cursor.bytes.subarray(start, cursor.at))
}

const float = (cursor: Cursor, width: 4 | 8): number => {
  const start = take(cursor, width)
  const value = width === 4 ? cursor.bytes.readFloatBE(start) : cursor.bytes.readDoubleBE(start)
  if (!Number.isFinite(value)) throw new WireError('a number is not finite')
  return value
}

const enter = (cursor: Cursor, leastBytes: number): void => {
  if (++cursor.depth > depthCap) throw new WireError('values are nested too deeply')
  if (++cursor.containers > containerCap) throw new WireError('there are too many arrays and maps')
  if (leastBytes > cursor.bytes.length - cursor.at) throw new WireError('the frame is shorter than it says')
}

const array = (cursor: Cursor, length: number): unknown[] => {
  enter(cursor, length)
  const items: unknown[] = []
  for (let n = 0; n < length; n++) items.push(value(cursor))
  cursor.depth--
  return items
}

const map = (cursor: Cursor, length: number): object => {
  enter(cursor, length * 2)
  const entries: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (let n = 0; n < length; n++) {
    const key = value(cursor)
    if (typeof key !== 'string' || key === '__proto__') throw new WireError('a key is not allowed')
    entries[key] = value(cursor)
  }
  cursor.depth--
  return entries
}

/** By first byte, for all that does not carry its length or value in that byte itself. */
const readers: Readonly<Record<number, (cursor: Cursor) => unknown>> = {
  0xc0: () => null,
  0xc2: () => false,
  0xc3: () => true,
  0xc4: (cursor) => binary(cursor, uint(cursor, 1)),
  0xc5: (cursor) => binary(cursor, uint(cursor, 2)),
  0xc6: (cursor) => binary(cursor, uint(cursor, 4)),
  0xca: (cursor) => float(cursor, 4),
  0xcb: (cursor) => float(cursor, 8),
  0xcc: (cursor) => uint(cursor, 1),
  0xcd: (cursor) => uint(cursor, 2),
  0xce: (cursor) => uint(cursor, 4),
  0xd0: (cursor) => int(cursor, 1),
  0xd1: (cursor) => int(cursor, 2),
  0xd2: (cursor) => int(cursor, 4),
  0xd9: (cursor) => text(cursor, uint(cursor, 1)),
  0xda: (cursor) => text(cursor, uint(cursor, 2)),
  0xdb: (cursor) => text(cursor, uint(cursor, 4)),
  0xdc: (cursor) => array(cursor, uint(cursor, 2)),
  0xdd: (cursor) => array(cursor, uint(cursor, 4)),
  0xde: (cursor) => map(cursor, uint(cursor, 2)),
  0xdf: (cursor) => map(cursor, uint(cursor, 4)),
}

const value = (cursor: Cursor): unknown => {
  if (++cursor.values > valueCap) throw new WireError('there are too many values')
  const byte = cursor.bytes[take(cursor, 1)]!
  if (byte < 0x80) return byte
  if (byte >= 0xe0) return byte - 0x100
  if (byte < 0x90) return map(cursor, byte & 0x0f)
  if (byte < 0xa0) return array(cursor, byte & 0x0f)
  if (byte < 0xc0) return text(cursor, byte & 0x1f)
  const reader = readers[byte]
  if (reader === undefined) throw new WireError('a value is of a kind that is not allowed')
  return reader(cursor)
}

/**
 * Reads one frame body from a peer that may be hostile: MessagePack with nil, booleans, finite numbers, strings, bytes,
 * arrays and maps, and no extension. Maps come without a prototype. Throws `WireError` for anything else.
 */
export const decode = (bytes: Buffer): unknown => {
  const cursor: Cursor = { bytes, at: 0, depth: 0, containers: 0, values: 0 }
  const result = value(cursor)
  if (cursor.at !== bytes.length) throw new WireError('the frame is longer than it says')
  return result
}
