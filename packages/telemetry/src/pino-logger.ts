import { isatty } from 'node:tty'
import {
  type Clock,
  type LogFields,
  type Logger,
  type RequestContext,
  type SecretMask,
  type Service,
  systemClock,
} from '@covent/core'
import { pino } from 'pino'
import type { LogLevel } from './config.ts'
import { type LineWriter, lineWriter } from './line-writer.ts'
import { fieldsAdder } from './log-record.ts'
import { prettyLine } from './pretty.ts'

export interface PinoLoggerOptions {
  readonly level: LogLevel
  readonly context: RequestContext
  /** For people instead of JSON; by default where the destination is a terminal. */
  readonly pretty?: boolean
  /** A file descriptor (1, stdout, by default), or whatever takes lines. */
  readonly destination?: number | Pick<LineWriter, 'write'>
  /** Hides secrets in each line. */
  readonly mask?: Pick<SecretMask, 'text'>
  /** Stands on each line. */
  readonly version?: string
  readonly clock?: Clock
}

export interface PinoLogger extends Logger, Service {
  /** Resolves once all lines so far are written. */
  flush(): Promise<void>
  stop(): Promise<void>
}

const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const
type Level = Exclude<LogLevel, 'silent'>
type Write = (message: string, fields?: LogFields) => void

/** Logs by pino: JSON lines with the fields of the request context, written in batches and at exit, never one by one. */
export const pinoLogger = (options: PinoLoggerOptions): PinoLogger => {
  const { clock = systemClock, context, version, mask } = options
  const addFields = fieldsAdder((text) => mask?.text(text) ?? text)
  const destination = masked(openDestination(options), options)
  const log = pino(
    {
      // The level is checked here, before anything is made of the fields.
      level: 'trace',
      base: version === undefined ? {} : { version },
      timestamp: isoTime(clock),
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  const least = levels[options.level]

  const writeAt = (level: Level, bound: LogFields): Write => {
    if (levels[level] < least) return () => {}
    return (message, fields) => {
      try {
        const record: Record<string, unknown> = { ...context.current(), ...bound }
        if (fields !== undefined) addFields(record, fields)
        log[level](record, message)
      } catch (error) {
        // A field that cannot be read (a getter that throws) must not fail the work that logs.
        log[level]({ ...context.current(), unloggable: (error as Error).name }, message)
      }
    }
  }
  const loggerWith = (bound: LogFields): Logger => ({
    debug: writeAt('debug', bound),
    info: writeAt('info', bound),
    warn: writeAt('warn', bound),
    error: writeAt('error', bound),
    child(fields) {
      const record = { ...bound }
      addFields(record, fields)
      return loggerWith(record)
    },
  })
  return {
    name: 'logger',
    ...loggerWith({}),
    flush: () => destination.flush(),
    stop: () => destination.stop(),
  }
}

const openDestination = (options: PinoLoggerOptions): LineWriter => {
  const { destination = 1, clock = systemClock } = options
  const isFd = typeof destination === 'number'
  const writer = isFd
    ? lineWriter({ fd: destination, dropNotice: dropNotice(clock) })
    : withFlush(destination)
  if (!(options.pretty ?? (isFd && isatty(destination)))) return writer
  const pretty = prettyLine()
  return { ...writer, write: (line) => writer.write(pretty(line)) }
}

const masked = (writer: LineWriter, { mask }: PinoLoggerOptions): LineWriter =>
  mask === undefined ? writer : { ...writer, write: (line) => writer.write(mask.text(line)) }

const withFlush = (destination: Pick<LineWriter, 'write'>): LineWriter => ({
  write: (line) => destination.write(line),
  flush: async () => {},
  stop: async () => {},
})

const dropNotice =
  (clock: Clock) =>
  (count: number): string =>
    `${JSON.stringify({ level: 'warn', time: new Date(clock.now()).toISOString(), msg: 'log lines dropped', count })}\n`

/** The time as pino wants it. The part up to the second is made once a second. */
const isoTime = (clock: Clock): (() => string) => {
  let second = Number.NaN
  let prefix = ''
  return () => {
    const now = Math.floor(clock.now())
    const ms = ((now % 1000) + 1000) % 1000
    if (now - ms !== second) {
      second = now - ms
      prefix = `,"time":"${new Date(second).toISOString().slice(0, -4)}`
    }
    return `${prefix}${String(ms).padStart(3, '0')}Z"`
  }
}
