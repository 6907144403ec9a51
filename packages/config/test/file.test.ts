import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@covent/core'
import { loadConfig } from '@covent/config'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { load, refusal, written } from './harness.ts'
import { schema } from './schema.ts'

describe('a configuration file', () => {
  it('may be JSON5, with comments, a $schema and a byte order mark', async () => {
    const text = `\uFEFF// mine
      { $schema: './covent.schema.json', http: { port: 0x1F90, /* "{ */ host: 'local\\
host', }, models: { "providers": {} }, }`
    const config = await load(text)
    expect(config.http).toEqual({ host: 'localhost', port: 8080, headersTimeoutMs: 15_000, allowedHosts: [] })
  })

  it.each(['', '  \n', '// nothing\n', '{}', '\uFEFF'])('%j gives the defaults', async (text) => {
    expect((await load(text)).http.port).toBe(7420)
  })

  it('may be missing at its usual place, but not where --config names it', async () => {
    const file = join(temporaryFolder(), 'none.json')
    expect((await loadConfig({ schema, file })).http.port).toBe(7420)
    expect((await loadConfig({ schema })).http.port).toBe(7420)
    for (const argv of [['start', '--config', file], [`--config=${file}`]])
      await expect(loadConfig({ schema, argv })).rejects.toMatchObject({
        code: 'config.unreadable',
        message: expect.stringContaining(file),
      })
  })

  it('is the one that --config names', async () => {
    const [usual, named] = [written('{ http: { port: 1 } }'), written('{ http: { port: 2 } }')]
    expect((await loadConfig({ schema, file: usual, argv: ['--config', named] })).http.port).toBe(2)
    expect((await loadConfig({ schema, file: usual, argv: ['--', '--config', named] })).http.port).toBe(1)
    for (const argv of [['--config'], ['--config='], ['--config', '--json']])
      await expect(loadConfig({ schema, file: usual, argv })).rejects.toThrow(/--config FILE/)
  })

  it('is refused where it is a folder, a pipe, endless or huge', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'd'))
    execFileSync('mkfifo', [join(folder, 'p')])
    for (const file of [
      join(folder, 'd'),
      join(folder, 'p'),
      '/dev/zero',
      written(' '.repeat(1024 * 1024 + 1)),
    ])
      await expect(loadConfig({ schema, file })).rejects.toMatchObject({ code: 'config.unreadable' })
  })
})

describe('what is wrong in a file', () => {
  it('is told all at once, each by key, place, what was expected and what kind was found', async () => {
    const error = await refusal(`{
  http: { prot: 1, port: "hunter2" },
  database: { url: 'hunter2' },
  models: { providers: { mine: { kind: 'openai-compatible', baseURL: 'x' } } },
  log: { level: 'hunter2' },
  telemetry: { otpl: 'x', ratio: NaN },
  isolation: [],
  htpt: {},
}`)
    expect(error.message.split('\n').slice(1)).toEqual([
      '  http.prot (line 2:11): unknown setting; did you mean http.port?',
      '  http.port (line 2:20): expected a number, found a string',
      '  database.url (line 3:15): expected text that is a valid url, found a string',
      '  models.providers.mine.baseUrl (line 4:26): expected a string, found nothing',
      '  models.providers.mine.baseURL (line 4:61): unknown setting; did you mean models.providers.mine.baseUrl?',
      '  log.level (line 5:10): expected one of "debug", "info", "silent", found a string',
      '  telemetry.otpl (line 6:16): unknown setting; did you mean telemetry.otlp?',
      '  telemetry.ratio (line 6:27): expected a number, found NaN',
      '  isolation (line 7:3): expected an object, found an array',
      '  htpt (line 8:3): unknown setting; did you mean http?',
    ])
    expect(error.message).not.toContain('hunter2')
    expect(JSON.stringify(error.data)).not.toContain('hunter2')
    expect(error.data).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ path: 'http.port', line: 2, column: 20 })]),
    })
  })

  it.each([
    ['{ http: { port: 1 } ', /line 1:\d+: the file ends too early/],
    ['{\n  http: {\n    secret: hunter2\n', /line 3:13: not JSON5/],
    ['{ "a": "hunter2', /line 1:\d+: /],
    ['{ /* ', /line 1:\d+: /],
    ['[]', /line 1:1: expected an object, found an array/],
    ['"hunter2"', /line 1:1: expected an object, found a string/],
    ['null', /line 1:1: expected an object, found null/],
    ['{ http: { port: 1, port: 2 } }', /http\.port \(line 1:20\): stands here twice/],
    ['{ http: { port: 99999 } }', /http\.port \(line 1:11\): expected at most 65535, found a number/],
    ['{ http: { allowedHosts: ["a",\n 7] } }', /http\.allowedHosts\[1\] \(line 2:2\): expected a string/],
    ['{ "a b": 1 }', /\["a b"\] \(line 1:3\): unknown setting/],
    [Buffer.from([0x7b, 0x0a, 0xff, 0x7d]), /line 2: not UTF-8/],
    [Buffer.from('\uFEFF{}', 'utf16le'), /line 1: not UTF-8/],
  ])('%# is named with its line: %j', async (text, message) => {
    const error = await refusal(text)
    expect(AppError.is(error)).toBe(true)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('hunter2')
  })

  it.each(['__proto__', 'constructor', 'prototype', '__proto\\u005f_'])(
    'may be the name %s',
    async (name) => {
      const error = await refusal(
        `{ models: { providers: { "${name}": { kind: "rules", polluted: true } } } }`,
      )
      expect(error.message).toMatch(
        /models\.providers\.(__proto__|constructor|prototype) \(line 1:26\): this name is not allowed/,
      )
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    },
  )

  it.each([
    ['nested arrays', '{ a:\n' + '['.repeat(500_000), /line 2:32: nested deeper than 32 levels/],
    ['nested objects', '{a:'.repeat(300_000), /line 1:97: nested deeper than 32 levels/],
    ['a mass of comments', '/**/'.repeat(262_000) + 'x', /line 1:\d+: not JSON5/],
    ['a comment that does not end, again and again', '/*'.repeat(500_000), /line 1:\d+: /],
    ['one long string', `{ "http": "${'x'.repeat(1_000_000)}" }`, /http \(line 1:3\): expected an object/],
    ['an escape at the end', `{ "http": "${'\\\\'.repeat(500_000)}`, /line 1:\d+: /],
    [
      'a mass of unknown settings',
      `{${Array.from({ length: 60_000 }, (_, n) => `k${n}:1`).join()}}`,
      /and 59950 more/,
    ],
  ])('does not exhaust the loader: %s', async (_, text, message) => {
    const error = await refusal(text)
    expect(error.message).toMatch(message)
    expect(error.message.length).toBeLessThan(20_000)
  })
})
