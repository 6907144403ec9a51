import type { Readable, Writable } from 'node:stream'

/** What a command reads, writes and knows of its surroundings. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** Everything below space but tab and newline, DEL and C1: what a terminal would obey instead of show. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Text of models and plugins, so that it can only be read. What goes to a file or a pipe stays as it is. */
export const shown = (text: string, { isTTY }: { readonly isTTY?: boolean }): string =>
  isTTY === true ? text.replaceAll(controls, '') : text

const paint =
  (code: number) =>
  (text: string, { isTTY }: { readonly isTTY?: boolean }): string =>
    isTTY === true ? `\u001b[${code}m${text}\u001b[0m` : text

export const dim = paint(2)
export const bold = paint(1)

export const writeLine = (out: Writable, text: string): void => void out.write(`${text}\n`)

export const writeJson = (out: Writable, value: unknown): void => writeLine(out, JSON.stringify(value))
