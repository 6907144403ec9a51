import type { Readable } from 'node:stream'
import type { Clock, Logger, SecretMask } from '@covent/core'
import { tokenBucket } from './token-bucket.ts'

const bytesPerSecond = 262_144
const linesPerSecond = 20
const lineLength = 1_000

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Makes control characters visible, so that output cannot act on a terminal or forge a line. */
export const escapeControls = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escapeCharacter)

export const noMask: Pick<SecretMask, 'text'> = { text: (line) => line }

interface Output {
  readonly logger: Logger
  /** Hides secrets before anything is cut: what is left of one would not be known any more. */
  readonly mask?: Pick<SecretMask, 'text'> | undefined
}

/**
 * Logs what a plugin prints, line by line. Faster than the budget, and the plugin has to wait or loses lines. Returns
 * how to learn the last words.
 */
export const logOutput = (
  stream: Readable,
  { logger, mask = noMask }: Output,
  clock: Clock,
): (() => string) => {
  const bytes = tokenBucket({ perSecond: bytesPerSecond, burst: bytesPerSecond }, clock)
  const lines = tokenBucket({ perSecond: linesPerSecond, burst: linesPerSecond * 5 }, clock)
  let partial = ''
  let dropped = 0
  let recent = ''
  const log = (line: string): void => {
    if (lines.take(0) > 0) return void dropped++
    lines.take(1)
    logger.info('plugin output', {
      text: escapeControls(mask.text(line).slice(0, lineLength)),
      ...(dropped > 0 && { dropped }),
    })
    dropped = 0
  }
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const parts = (partial + chunk).split('\n')
    partial = parts.pop()!.slice(0, lineLength)
    recent = (recent + chunk).slice(-4 * lineLength)
    for (const line of parts) log(line)
    const waitMs = bytes.take(chunk.length)
    if (waitMs === 0) return
    stream.pause()
    void clock.sleep(waitMs).then(() => stream.resume())
  })
  stream.on('end', () => partial !== '' && log(partial))
  stream.on('error', () => {}) // it ends with the process, whose exit is what is reported
  return () =>
    escapeControls(mask.text(recent).slice(-lineLength).trim().replaceAll('\n', ' | ')).slice(0, 300)
}
