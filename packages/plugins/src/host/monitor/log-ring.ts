import type { Clock, LogFields, Logger, PluginLogLine, SecretMask } from '@covent/core'
import { noMask } from '../../channel/output-lines.ts'

/** The last lines about one plugin. */
export interface LogRing {
  /** Writes to `logger` and keeps what it wrote, without secrets. */
  logger(logger: Logger): Logger
  /** Lines after line `n`, oldest first. */
  after(n: number): readonly PluginLogLine[]
  follow(n: number, signal: AbortSignal): AsyncGenerator<PluginLogLine>
}

const linesKept = 500
const charactersKept = 262_144
const messageLength = 2_000
const fieldsLength = 4_096

const levels = ['debug', 'info', 'warn', 'error'] as const

const asJson = (_: string, value: unknown): unknown => {
  if (value instanceof Error) return value.message
  return typeof value === 'bigint' ? String(value) : value
}

const textOf = (fields: LogFields): string => {
  try {
    const text = JSON.stringify(fields, asJson)
    if (text.length <= fieldsLength) return text
  } catch {
    // It holds itself: no JSON, and no reason to fail the one who logs.
  }
  return '{"fieldsDropped":true}'
}

export const logRing = (clock: Clock, mask: Pick<SecretMask, 'text'> = noMask): LogRing => {
  const lines: { readonly line: PluginLogLine; readonly length: number }[] = []
  let written = 0
  let characters = 0
  let bell = Promise.withResolvers<void>()

  const keep = (level: PluginLogLine['level'], text: string, more: LogFields): void => {
    const fieldsText = mask.text(textOf(more))
    const message = mask.text(text).slice(0, messageLength)
    const length = message.length + fieldsText.length
    const fields = JSON.parse(fieldsText) as LogFields
    lines.push({ line: { n: ++written, at: clock.now(), level, message, fields }, length })
    characters += length
    while (lines.length > linesKept || characters > charactersKept) characters -= lines.shift()!.length
    bell.resolve()
    bell = Promise.withResolvers()
  }
  const after = (n: number): readonly PluginLogLine[] =>
    lines.flatMap(({ line }) => (line.n > n ? [line] : []))

  const teed = (logger: Logger, bound: LogFields): Logger => {
    const write =
      (level: PluginLogLine['level']) =>
      (message: string, fields: LogFields = {}) => {
        logger[level](message, fields)
        keep(level, message, { ...bound, ...fields })
      }
    const [debug, info, warn, error] = levels.map(write) as [
      Logger['debug'],
      Logger['info'],
      Logger['warn'],
      Logger['error'],
    ]
    const child = (fields: LogFields): Logger => teed(logger.child(fields), { ...bound, ...fields })
    return { debug, info, warn, error, child }
  }

  return {
    logger: (logger) => teed(logger, {}),
    after,
    async *follow(n, signal) {
      const over = Promise.withResolvers<void>()
      const end = (): void => over.resolve()
      signal.addEventListener('abort', end, { once: true })
      try {
        for (let seen = n; !signal.aborted;) {
          const rung = bell.promise
          for (const line of after(seen)) {
            seen = line.n
            yield line
          }
          await Promise.race([rung, over.promise])
        }
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
  }
}
