import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { type LogFields, secret } from '@covent/core'
import { pinoLogger, requestContext, secretMask } from '@covent/telemetry'
import { expect, it } from 'vitest'

const logged = (hidden: readonly string[], message: string, fields?: LogFields): string => {
  const mask = secretMask()
  for (const value of hidden) mask.hide(value)
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  pinoLogger({ level: 'info', context: requestContext(), destination, mask }).info(message, fields)
  expect(() => JSON.parse(lines[0]!) as unknown).not.toThrow()
  return lines[0]!
}

const values = [
  `sk-${randomBytes(24).toString('base64url')}`,
  'correct horse "battery" \\ staple/+?&=%',
  'Ωμέγα-İstanbul-ключ-🔑-ß',
  '-----BEGIN KEY-----\nMC4CAQAwBQYDK2Vw\n-----END KEY-----',
  '8291734650',
]
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const encodings: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  base64,
  'base64 behind one byte': (value) => base64(`x${value}`),
  'base64 between others': (value) => base64(`user:${value} and more`),
  'base64 behind a name': (value) => base64(`ab${value}`),
  base64url: (value) => Buffer.from(`user:${value}`).toString('base64url'),
  'base64 in a URL': (value) => encodeURIComponent(base64(value)),
  'URL-encoded': encodeURIComponent,
  'URL-encoded as a form': (value) => new URLSearchParams({ q: value }).toString().slice(2),
  'URL-encoded as a whole': encodeURI,
  hex: (value) => Buffer.from(value).toString('hex'),
  JSON: (value) => JSON.stringify({ value }),
  'JSON in JSON': (value) => JSON.stringify(JSON.stringify({ value })),
}
const capitals = (text: string): string => text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())

/** Where a text can stand in a line. */
const placements: Readonly<Record<string, (text: string) => readonly [string, LogFields?]>> = {
  'the message': (text) => [`failed with ${text}!`],
  'a field': (text) => ['x', { text }],
  'capitals of a header': (text) => ['x', { headers: { AUTHORIZATION: capitals(`Bearer ${text}`) } }],
  'the name of a field': (text) => ['x', { [text]: 1 }],
  'nested fields': (text) => ['x', { a: { b: { c: `in the middle ${text} of it` } } }],
  'an array': (text) => ['x', { list: [1, [text], { text }] }],
  'an error': (text) => ['x', { error: new TypeError(text) }],
  'a cause of a cause': (text) => [
    'x',
    { error: new Error('a', { cause: new Error('b', { cause: text }) }) },
  ],
  'one of many errors': (text) => ['x', { error: new AggregateError([new Error(text)]) }],
  'an address': (text) => ['x', { url: `https://user:${text}@host.example/path?key=${text}#${text}` }],
  'twice, side by side': (text) => ['x', { text: text + text }],
  'the cut of a long text': (text) => ['x', { text: 'y '.repeat(8180) + text.repeat(3) }],
}
const corpus = Object.keys(placements).flatMap((place) =>
  Object.keys(encodings).map((encoding) => [encoding, place] as const),
)

/** Pieces of it that are left: base64 shares its ends with its neighbours, and so little could have come from elsewhere. */
const leaks = (line: string, text: string): readonly string[] => {
  const inner = JSON.stringify(text).slice(1, -1).toLowerCase().slice(1, -1)
  const length = Math.min(8, inner.length)
  const pieces = Array.from({ length: inner.length - length + 1 }, (_, n) => inner.slice(n, n + length))
  return pieces.filter((piece) => line.toLowerCase().includes(piece))
}

it.each(corpus)('lets no secret through as %s in %s', (encoding, place) => {
  for (const value of values) {
    const alone = encodings[encoding]!(value)
    const line = logged(values, ...placements[place]!(alone))
    const bare = encodings[encoding]!('')
    if (bare === '') expect(leaks(line, alone)).toEqual([])
    expect(leaks(line, value)).toEqual([])
    expect(line.includes('[secret]'), line.slice(0, 300)).toBe(true)
  }
})

it('keeps the line JSON where a secret stands as a number', () => {
  const line = logged(['8291734650'], 'x', {
    id: 8_291_734_650,
    more: [-18_291_734_650.5, 7],
    text: 'a"8291734650',
  })
  expect(JSON.parse(line)).toMatchObject({ id: '[secret]', more: ['[secret]', 7], text: 'a"[secret]' })
})

it('hides secrets that stand in each other and over each other', () => {
  const line = logged(['password12', '12345678xyz', 'word1234'], 'password12345678xyz.')
  expect(line).toContain('"msg":"[secret]."')
})

it('hides what came later from then on, and is no slower for text that is like a secret', () => {
  const mask = secretMask()
  expect(mask.text('an-early-secret')).toBe('an-early-secret')
  mask.hide('an-early-secret')
  expect(mask.text('an-early-secret')).toBe('[secret]')
  mask.hide('a'.repeat(5_000))
  expect(mask.text('a'.repeat(4_999))).toBe('a'.repeat(4_999))
})

it('does not hide what is too short to be told from other text', () => {
  const mask = secretMask()
  mask.hide('info')
  expect(mask.text('{"level":"info"}')).toBe('{"level":"info"}')
})

it('shows a Secret in no log, JSON, template or inspection', () => {
  const kept = secret('canary-3b1f')
  const shown = [
    JSON.stringify({ kept }),
    String(kept),
    inspect({ kept }),
    logged([], 'x', { kept, list: [kept] }),
  ]
  for (const text of shown) {
    expect(text).not.toContain('canary')
    expect(text).toContain('[secret]')
  }
  expect(kept.reveal()).toBe('canary-3b1f')
})
