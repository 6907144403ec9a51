import { type Token, token } from '../token.ts'

export type LogFields = Readonly<Record<string, unknown>>

/** Structured log lines. Fields are data, the message is constant; the request context is added by the logger. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to each line. */
  child(fields: LogFields): Logger
}
export const Logger: Token<Logger> = token('Logger')

/** Says nothing. For programs that take one package and want no logs. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}
