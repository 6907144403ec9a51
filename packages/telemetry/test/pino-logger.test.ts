import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinoLogger, type PinoLoggerOptions, requestContext } from '@covent/telemetry'
import { fakeClock, temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'

type Line = Record<string, unknown>

const open = (options: Partial<PinoLoggerOptions> = {}) => {
  const texts: string[] = []
  const context = requestContext()
  const destination = { write: (line: string) => void texts.push(line) }
  const logger = pinoLogger({ level: 'debug', context, destination, clock: fakeClock(), ...options })
  return { logger, context, texts, lines: () => texts.map((text) => JSON.parse(text) as Line) }
}

describe('a log line', () => {
  it('has level, time, message, version and fields, and ends with its only newline', () => {
    const { logger, texts, lines } = open({ version: '1.2.3' })
    logger.info('ready', { url: 'http://127.0.0.1:7420', note: 'two\nlines\u001B[31m' })
    expect(lines()).toEqual([
      {
        level: 'info',
        time: '2026-01-01T00:00:00.000Z',
        version: '1.2.3',
        url: 'http://127.0.0.1:7420',
        note: 'two\nlines\u001B[31m',
        msg: 'ready',
      },
    ])
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(texts[0]!.slice(0, -1)).not.toMatch(/[\u0000-\u001F]/)
  })

  it('tells the time to the millisecond, also when the clock jumps back', async () => {
    let nowMs = Date.UTC(2026, 0, 1, 12, 0, 0, 7)
    const { logger, lines } = open({ clock: { ...fakeClock(), now: () => nowMs } })
    for (const step of [0, 992, 1, -5000]) {
      nowMs += step
      logger.info('tick')
    }
    expect(lines().map(({ time }) => time)).toEqual([
      '2026-01-01T12:00:00.007Z',
      '2026-01-01T12:00:00.999Z',
      '2026-01-01T12:00:01.000Z',
      '2026-01-01T11:59:56.000Z',
    ])
  })

  it('carries the context of the work in hand across awaits, and nobody else’s', async () => {
    const { logger, context, lines } = open()
    const work = (requestId: string) =>
      context.run({ requestId }, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await context.run({ turnId: `turn of ${requestId}` }, async () => logger.info('inner'))
        logger.info('outer')
      })
    await Promise.all([work('a'), work('b')])
    logger.info('outside')
    const seen = lines().map(({ requestId, turnId, msg }) => [msg, requestId, turnId])
    expect(seen.filter(([, requestId]) => requestId === 'a')).toEqual([
      ['inner', 'a', 'turn of a'],
      ['outer', 'a', undefined],
    ])
    expect(seen.at(-1)).toEqual(['outside', undefined, undefined])
  })

  it('adds what a child was made with, a call’s own field taking precedence', () => {
    const { logger, lines, texts } = open()
    logger.child({ plugin: 'clock' }).child({ action: 'now' }).warn('slow', { action: 'later', ms: 3 })
    expect(lines()[0]).toMatchObject({ level: 'warn', plugin: 'clock', action: 'later', ms: 3 })
    expect(texts[0]!.match(/"action"/g)).toHaveLength(1)
  })

  it('keeps a field from taking the place of level, time or message', () => {
    const { logger, lines, texts } = open()
    logger.info('real', { msg: 'forged', level: 'error', time: 0 })
    expect(lines()[0]).toMatchObject({
      msg: 'real',
      level: 'info',
      msg_: 'forged',
      level_: 'error',
      time_: 0,
    })
    expect(texts[0]!.match(/"msg":/g)).toHaveLength(1)
  })

  it.each([
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)('is written at level %s only for %j', (level, written) => {
    const { logger, lines } = open({ level })
    for (const each of ['debug', 'info', 'warn', 'error'] as const) logger[each]('x')
    expect(lines().map((line) => line['level'])).toEqual(written)
  })
})

describe('what stands in a log', () => {
  it('of an error: name, code, message, stack and causes, wherever it stands, and none of its other properties', () => {
    const { logger, lines, texts } = open()
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', config: { auth: 'hunter2' } })
    const error = new TypeError('no model', { cause })
    logger.error('failed', { error, all: [{ error: cause }], many: new AggregateError([cause], 'many') })
    const record = { name: 'Error', code: 'ECONNREFUSED', message: 'refused' }
    expect(lines()[0]).toMatchObject({
      error: {
        name: 'TypeError',
        message: 'no model',
        stack: expect.stringContaining('TypeError'),
        cause: record,
      },
      all: [{ error: record }],
      many: { errors: [record] },
    })
    expect(texts[0]).not.toContain('hunter2')
  })

  it('of an object that is not plain data: only what it is', () => {
    const { logger, lines } = open()
    class Request {
      readonly headers = { authorization: 'hunter2' }
      toJSON(): unknown {
        return this.headers
      }
    }
    logger.info('x', { request: new Request(), map: new Map([['k', 'hunter2']]), at: new Date(0), big: 7n })
    expect(lines()[0]).toMatchObject({
      request: '[Object]',
      map: '[Map]',
      at: '1970-01-01T00:00:00.000Z',
      big: '7',
    })
  })

  it('is bounded in length, depth and circles', () => {
    const { logger, texts } = open()
    const circle: Line = {}
    circle['self'] = circle
    const causes = new Error('0')
    let last = causes
    for (let n = 1; n < 50; n++) last = last.cause = new Error(String(n))
    logger.info('x', {
      circle,
      causes,
      long: 'x'.repeat(1_000_000),
      many: Array.from({ length: 1e5 }, () => 1),
    })
    expect(texts[0]!.length).toBeLessThan(40_000)
    expect(texts[0]).toContain('(983616 characters more)')
  })

  it('survives a field that cannot be read', () => {
    const { logger, lines } = open()
    const hostile = {
      get secret(): string {
        throw new RangeError('no')
      },
    }
    logger.info('goes on', { hostile })
    expect(lines()[0]).toMatchObject({ msg: 'goes on', unloggable: 'RangeError' })
  })

  it('on a terminal: readable, and with the control characters of values shown, not obeyed', () => {
    const { logger, texts } = open({ pretty: true })
    logger.warn('low \u001B[2J\u009B2J\n{"forged":1}', { path: 'C:\\u001b\\new', note: '\u001B]0;x\u0007' })
    const text = texts.join('')
    expect(text).toContain('WARN')
    expect(text).toContain(String.raw`low \u001b[2J\u009b2J`)
    expect(text).toContain(String.raw`C:\u001b\new`)
    // oxlint-disable-next-line no-control-regex -- only colours may be left
    expect(text.replaceAll(/\u001B\[\d+m/g, '')).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/)
  })
})

const program = (body: string): string => `
  import { pinoLogger, requestContext } from '@covent/telemetry'
  const logger = pinoLogger({ level: 'info', context: requestContext() })
  ${body}`

/** Runs a program whose stdout is a pipe. */
const run = (body: string): Promise<{ code: number | null; lines: Line[] }> =>
  new Promise((resolve) => {
    const args = ['--conditions=@covent/source', '--input-type=module', '--eval', program(body)]
    const child = spawn(process.execPath, args, {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.on('close', (code) =>
      resolve({
        code,
        lines: text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
      }),
    )
  })

describe('a process that logs to a pipe', () => {
  const many = `for (let n = 0; n < 20_000; n++) logger.info('line', { n })`
  it.each([
    ['ends by itself', many, 0],
    ['stops its logger', `${many}; await logger.stop()`, 0],
    ['exits at once', `${many}; process.exit(3)`, 3],
    ['crashes', `${many}; throw new Error('crash')`, 1],
    ['logs after the stop', `logger.info('early'); await logger.stop(); ${many}`, 0],
  ])('loses no line and keeps the order when it %s', async (_, body, code) => {
    const result = await run(body)
    expect(result.code).toBe(code)
    const numbers = result.lines.filter(({ msg }) => msg === 'line').map(({ n }) => n)
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, n) => n))
  })

  it('bears a reader that goes away', async () => {
    const body = `const tick = setInterval(() => logger.info('line'), 1)
      setTimeout(() => { clearInterval(tick); process.exit(0) }, 200)`
    const args = ['--conditions=@covent/source', '--input-type=module', '--eval', program(body)]
    const child = spawn(process.execPath, args, {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.stdout.once('data', () => child.stdout.destroy())
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  })

  it.concurrent.each([
    ['stops its logger', 'await logger.stop()'],
    ['exits at once', 'process.exit(0)'],
  ])('ends in time with a reader that takes nothing, when it %s', async (_, end) => {
    const body = `for (let n = 0; n < 5000; n++) logger.info('line', { n }); ${end}`
    const args = ['--conditions=@covent/source', '--input-type=module', '--eval', program(body)]
    const child = spawn(process.execPath, args, {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.stdout.pause()
    const killer = setTimeout(() => child.kill('SIGKILL'), 8000)
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0)
    clearTimeout(killer)
    child.stdout.destroy()
  })
})

describe('flush', () => {
  it('resolves once the lines are in the file', async () => {
    const file = join(temporaryFolder(), 'log')
    const logger = pinoLogger({ level: 'info', context: requestContext(), destination: openSync(file, 'w') })
    logger.info('one')
    expect(readFileSync(file, 'utf8')).toBe('')
    await logger.flush()
    expect(readFileSync(file, 'utf8')).toContain('"msg":"one"')
    await logger.stop()
  })
})
