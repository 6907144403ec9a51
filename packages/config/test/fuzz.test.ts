import { AppError } from '@covent/core'
import { expect, it } from 'vitest'
import { load } from './harness.ts'

const good = `{
  // where it listens
  "http": { "host": "127.0.0.1", "port": 7420, "allowedHosts": ["a.example", "b.example"] },
  "database": { "url": "postgres://u:hunter2@127.0.0.1/x" },
  models: {
    default: 'mine/large',
    providers: { mine: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1', secret: 'hunter2' } },
  },
  rateLimit: { routes: { "POST /v1/chat/completions": { limit: 60 } } },
  isolation: { allowWeak: false }, log: { level: 'info' }, telemetry: { ratio: 0.5 },
}
`

const names =
  /http|host|port|allowedHosts|database|url|models|default|providers|rateLimit|isolation|log|telemetry|\[/

/** Numbers that a seed decides (mulberry32). */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}
type Random = ReturnType<typeof randomFrom>

/** Puts something in the place of some characters. */
const splice = (text: string, [at, cut]: readonly [number, number], put: string): string =>
  text.slice(0, at) + put + text.slice(at + cut)

const bits = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  "'",
  '\\',
  '/*',
  '//',
  '\u0000',
  '\u2028',
  '🙂',
  '__proto__: 1,',
  '-',
  '1e999',
  'NaN',
  'null',
  'hunter2',
  '\\u12',
]

/** Ways to spoil a file. */
const spoilers: readonly ((text: string, random: Random) => string | Uint8Array)[] = [
  (text, random) => text.slice(0, random(text.length)),
  (text, random) => splice(text, [random(text.length), 1 + random(8)], ''),
  (text, random) => splice(text, [random(text.length), 0], bits[random(bits.length)]!),
  (text, random) => splice(text, [random(text.length), 1], String.fromCodePoint(random(0x2fff))),
  (text, random) =>
    text.replaceAll(/7420|60|0\.5|false|'info'/g, (value) =>
      random(2) === 0 ? value : bits[random(bits.length)]!,
    ),
  (text, random) =>
    text.replaceAll(/[a-z]{4,}(?="?: )/gi, (name) =>
      random(4) === 0 ? splice(name, [random(name.length), 1], 'x') : name,
    ),
  (text, random) => splice(Buffer.from(text).toString('latin1'), [random(text.length), 2], '\xFF\xFE'),
  (text, random) =>
    Buffer.concat([Buffer.from(text.slice(0, random(text.length))), Buffer.from([0xc3, 0x28])]),
  (text, random) => text + text.slice(random(text.length)),
  (text, random) => splice(text, [random(text.length), 0], '[{a:'.repeat(1 + random(40))),
  (_, random) => String.fromCodePoint(...Array.from({ length: random(40) }, () => random(0xd7ff))),
]

it('names the key or the line of any spoiled file, never a value, and never fails otherwise', async () => {
  let refused = 0
  for (let seed = 0; seed < 600; seed++) {
    const random = randomFrom(seed)
    const spoiled = spoilers[seed % spoilers.length]!(good, random)
    const error: unknown = await load(spoiled).catch((reason: unknown) => reason)
    if (!(error instanceof Error)) continue
    refused++
    const { message } = error
    expect(AppError.is(error), `seed ${seed}: ${error.stack}`).toBe(true)
    expect((error as AppError).code, `seed ${seed}`).toMatch(/^config\.(syntax|unknown-key|invalid-value)$/)
    const lines = message.includes('\n') ? message.split('\n').slice(1) : [message]
    for (const line of lines) expect(line, `seed ${seed}`).toMatch(/line \d+|and \d+ more/)
    expect(lines.some((line) => /line \d+/.test(line) || names.test(line))).toBe(true)
    expect(message.replaceAll(/^.*unknown setting.*$/gm, ''), `seed ${seed}`).not.toContain('hunter2')
  }
  expect(refused).toBeGreaterThan(400)
})
