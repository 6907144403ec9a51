import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { decode, encodeFrame, frameCapBytes, frameReader, guestMessageSchema } from '../src/protocol.ts'

const body = (message: object): Buffer => encodeFrame(message).subarray(4)
const bytes = (...list: readonly number[]): Buffer => Buffer.from(list)
const text = (length: number): string => 'é'.repeat(length / 2)

const samples: readonly object[] = [
  {},
  [],
  { a: null, b: true, c: false, d: '', e: 'text', f: 'ünïcödé 🎈' },
  { small: [0, 1, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 2 ** 53] },
  {
    negative: [-1, -32, -33, -128, -129, -32_769, -(2 ** 31), -(2 ** 53)],
    fractions: [0.1, 1e300, 5e-324],
  },
  { strings: [30, 32, 254, 256, 65_534, 65_536, 200_000].map(text) },
  { arrays: [15, 16, 2_000].map((length) => Array.from({ length }, (_, n) => n)) },
  { map: Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n])) },
  { bytes: [0, 255, 256, 70_000].map((length) => new Uint8Array(length).fill(7)) },
  { constructor: { prototype: { x: 1 } }, toString: 1 },
]

/** Plain objects all the way down, to compare with. */
const plain = (value: unknown): unknown => structuredClone(value)

describe('the codec', () => {
  it.each(samples.map((sample, n) => [n, sample]))('reads what it wrote: sample %i', (_, sample) => {
    expect(plain(decode(body(sample)))).toEqual(sample)
  })

  it.each(samples.map((sample, n) => [n, sample]))(
    'is MessagePack, as msgpackr reads and writes it: sample %i',
    (_, sample) => {
      const packr = new Packr({ useRecords: false })
      expect(plain(packr.unpack(body(sample)))).toEqual(sample)
      expect(plain(decode(packr.pack(sample)))).toEqual(sample)
    },
  )

  it('keeps the sign of zero', () => {
    expect(decode(body([-0, 0]))).toEqual([-0, 0])
  })

  it('leaves out what is undefined, and reads maps without a prototype', () => {
    const read = decode(body({ a: undefined, b: [undefined] })) as object
    expect(Object.getPrototypeOf(read)).toBeNull()
    expect({ ...read }).toEqual({ b: [null] })
  })

  it.each([
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
    ['a function', { a: () => {} }],
    ['a bigint', { a: 1n }],
    ['not a number', { a: Number.NaN }],
    ['an object of a class', { a: new URL('https://example.org') }],
    ['its own prototype key', { a: JSON.parse('{"__proto__": 1}') as object }],
    ['65 levels', Array.from({ length: 65 }).reduce<object>((inner) => [inner], [])],
    ['more than 1 MiB', { a: 'x'.repeat(frameCapBytes) }],
    ['too many objects', { a: Array.from({ length: 20_001 }, () => ({})) }],
    ['too many values', { a: Array.from({ length: 262_145 }, () => 0) }],
  ])('does not write %s', (_, message) => {
    expect(() => encodeFrame(message)).toThrow(expect.objectContaining({ name: 'WireError' }))
  })

  it('does not write a circle', () => {
    const circle: { self?: object } = {}
    circle.self = circle
    expect(() => encodeFrame(circle)).toThrow(/nested too deeply/)
  })
})

describe('hostile bytes', () => {
  it.each([
    ['nothing', bytes()],
    ['an array of 2 ** 31 elements in five bytes', bytes(0xdd, 0x7f, 0xff, 0xff, 0xff)],
    ['a map of 2 ** 31 entries in five bytes', bytes(0xdf, 0x7f, 0xff, 0xff, 0xff)],
    ['a string of 4 GiB in five bytes', bytes(0xdb, 0xff, 0xff, 0xff, 0xff)],
    ['bytes of 4 GiB in five bytes', bytes(0xc6, 0xff, 0xff, 0xff, 0xff)],
    ['an array that holds less than it says', bytes(0x93, 1, 2)],
    ['more than one value', bytes(1, 2)],
    ['100,000 arrays in each other', Buffer.alloc(100_000, 0x91)],
    [
      'a million empty maps',
      Buffer.concat([bytes(0xdd, 0, 0x0f, 0x42, 0x40), Buffer.alloc(1_000_000, 0x80)]),
    ],
    ['a key __proto__', Buffer.concat([bytes(0x81, 0xa9), Buffer.from('__proto__'), bytes(0x80)])],
    ['a key that is a number', bytes(0x81, 1, 1)],
    ['an extension: undefined', bytes(0xd4, 0, 0)],
    ['an extension: a regular expression', bytes(0xc7, 3, 0x78, 0x92, 0xa1, 0x61)],
    ['a 64-bit integer', bytes(0xcf, 0, 0, 0, 0, 0, 0, 0, 1)],
    ['infinity', bytes(0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0)],
    ['the byte that means nothing', bytes(0xc1)],
  ])('are refused: %s', (_, hostile) => {
    expect(() => decode(hostile)).toThrow(expect.objectContaining({ name: 'WireError' }))
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('never make the decoder do anything but answer or refuse', () => {
    let seed = 42
    const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
    const outcomes = { read: 0, refused: 0 }
    for (let n = 0; n < 20_000; n++) {
      const noise = Buffer.from(Array.from({ length: 1 + random() * 24 }, () => random() * 256))
      try {
        decode(noise)
        outcomes.read++
      } catch (error) {
        expect(error).toMatchObject({ name: 'WireError' })
        outcomes.refused++
      }
    }
    expect(outcomes.read).toBeGreaterThan(100)
    expect(outcomes.refused).toBeGreaterThan(100)
  })
})

describe('the frame reader', () => {
  it('finds the same frames however the bytes are cut', () => {
    const messages = [{ n: 1 }, { text: 'x'.repeat(5_000) }, {}, { n: 2 }]
    const stream = Buffer.concat(messages.map(encodeFrame))
    for (const size of [1, 2, 3, 4, 5, 7, 1_000, stream.length]) {
      const reader = frameReader()
      const found: unknown[] = []
      const reused = Buffer.alloc(size) // a socket may read into the same memory each time
      for (let at = 0; at < stream.length; at += size) {
        const length = stream.copy(reused, 0, at, at + size)
        for (const frame of reader.push(reused.subarray(0, length))) found.push(plain(decode(frame)))
      }
      expect(found).toEqual(messages)
    }
  })

  it('refuses a frame over the cap as soon as its length is read', () => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(frameCapBytes + 1)
    expect(() => frameReader().push(head)).toThrow(/larger than 1 MiB/)
    head.writeUInt32BE(frameCapBytes)
    expect(frameReader().push(head)).toEqual([])
  })
})

describe('the message schemas', () => {
  it.each([
    { kind: 'sudo' },
    { kind: 'result', id: -1, output: 1 },
    { kind: 'result', id: 1, output: 1, more: 1 },
    { kind: 'failure', id: 1, error: { code: 'auth.forbidden', message: '' } },
    { kind: 'log', level: 'fatal', message: '' },
    { kind: 'log', level: 'info', message: 'x'.repeat(20_000) },
    { kind: 'request', call: 0, n: 0.5, method: 'kv.get', params: {} },
  ])('refuse %j', (message) => {
    expect(guestMessageSchema.safeParse(message).success).toBe(false)
  })
})
