import { containerCap, depthCap, frameCapBytes, valueCap, WireError } from './limits.ts'

/** A frame in the making; the first four bytes wait for the length. */
interface Sink {
  bytes: Buffer
  at: number
  depth: number
  containers: number
  values: number
}

const headBytes = 4

const reserve = (sink: Sink, length: number): number => {
  const start = sink.at
  const end = start + length
  if (end > frameCapBytes + headBytes) throw new WireError('the message is larger than 1 MiB')
  if (end > sink.bytes.length) {
    const grown = Buffer.allocUnsafe(
      Math.min(Math.max(end, sink.bytes.length * 2), frameCapBytes + headBytes),
    )
    sink.bytes.copy(grown, 0, 0, start)
    sink.bytes = grown
  }
  sink.at = end
  return start
}

/** Makes room first: `reserve` may replace the buffer that is then written. */
const byte = (sink: Sink, value: number): void => {
  const at = reserve(sink, 1)
  sink.bytes[at] = value
}

const uint16 = (sink: Sink, value: number): void => {
  const at = reserve(sink, 2)
  sink.bytes.writeUInt16BE(value, at)
}

const uint32 = (sink: Sink, value: number): void => {
  const at = reserve(sink, 4)
  sink.bytes.writeUInt32BE(value, at)
}

const sized = (sink: Sink, length: number, marks: readonly [number, number, number]): void => {
  if (marks[0] !== 0 && length < 0x100) {
    byte(sink, marks[0])
    byte(sink, length)
  } else if (length < 0x10000) {
    byte(sink, marks[1])
    uint16(sink, length)
  } else {
    byte(sink, marks[2])
    uint32(sink, length)
  }
}

const number = (sink: Sink, value: number): void => {
  if (!Number.isFinite(value)) throw new WireError('a number is not finite')
  if (Number.isInteger(value) && value >= 0 && value < 0x80 && !Object.is(value, -0)) byte(sink, value)
  else if (Number.isInteger(value) && value > 0 && value <= 0xffffffff) {
    byte(sink, 0xce)
    uint32(sink, value)
  } else {
    byte(sink, 0xcb)
    const at = reserve(sink, 8)
    sink.bytes.writeDoubleBE(value, at)
  }
}

const text = (sink: Sink, value: string): void => {
  const length = Buffer.byteLength(value)
  if (length < 0x20) byte(sink, 0xa0 | length)
  else sized(sink, length, [0xd9, 0xda, 0xdb])
  const start = reserve(sink, length)
  // As many bytes as characters is ASCII, which is copied as it stands.
  sink.bytes.write(value, start, length, length === value.length ? 'latin1' : 'utf8')
}

const binary = (sink: Sink, value: Uint8Array): void => {
  sized(sink, value.length, [0xc4, 0xc5, 0xc6])
  const start = reserve(sink, value.length)
  sink.bytes.set(value, start)
}

const array = (sink: Sink, items: readonly unknown[]): void => {
  if (items.length < 0x10) byte(sink, 0x90 | items.length)
  else sized(sink, items.length, [0, 0xdc, 0xdd])
  for (const item of items) encodeValue(sink, item === undefined ? null : item)
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const map = (sink: Sink, value: object): void => {
  if (!isPlain(value)) throw new WireError('a value is neither JSON nor bytes')
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  if (entries.length < 0x10) byte(sink, 0x80 | entries.length)
  else sized(sink, entries.length, [0, 0xde, 0xdf])
  for (const [key, member] of entries) {
    if (key === '__proto__') throw new WireError('a key is not allowed')
    sink.values++
    text(sink, key)
    encodeValue(sink, member)
  }
}

const nested = (sink: Sink, value: object): void => {
  if (++sink.depth > depthCap) throw new WireError('values are nested too deeply')
  if (++sink.containers > containerCap) throw new WireError('there are too many arrays and maps')
  if (Array.isArray(value)) array(sink, value)
  else map(sink, value)
  sink.depth--
}

const encodeValue = (sink: Sink, value: unknown): void => {
  if (++sink.values > valueCap) throw new WireError('there are too many values')
  if (value === null) byte(sink, 0xc0)
  else if (typeof value === 'boolean') byte(sink, value ? 0xc3 : 0xc2)
  else if (typeof value === 'number') number(sink, value)
  else if (typeof value === 'string') text(sink, value)
  else if (value instanceof Uint8Array) binary(sink, value)
  else if (typeof value === 'object') nested(sink, value)
  else throw new WireError('a value is neither JSON nor bytes')
}

/**
 * One message as a frame: u32 length (big endian), then MessagePack. Members that are `undefined` are left out. Throws
 * `WireError` for what `decode` would refuse.
 */
export const encodeFrame = (message: object): Buffer => {
  const sink: Sink = { bytes: Buffer.allocUnsafe(512), at: headBytes, depth: 0, containers: 0, values: 0 }
  encodeValue(sink, message)
  sink.bytes.writeUInt32BE(sink.at - headBytes, 0)
  return sink.bytes.subarray(0, sink.at)
}
