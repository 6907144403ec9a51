import { createRequire } from 'node:module'

/** Makes a log line readable on a terminal. Loaded here, as only terminals need it: it costs about 10 ms and 2 MB. */
export const prettyLine = (): ((line: string) => string) => {
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')
  const format = prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l' })
  return (line) => format(withoutControls(line)) ?? ''
}

/**
 * Shows control characters as their escapes: they would be carried out by the terminal, or forge a line. In JSON the
 * first 32 are escapes already, whose backslash is doubled; the others stand as themselves.
 */
const withoutControls = (json: string): string =>
  json
    .replaceAll(/\\(u00[01][\da-f]|.)/gi, (escape, name: string) =>
      name.length > 1 || 'bfr'.includes(name) ? `\\${escape}` : escape,
    )
    .replaceAll(/[\u007F-\u009F]/g, (control) => `\\\\u00${control.charCodeAt(0).toString(16)}`)
