import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PluginError } from '@covent/core'

/**
 * TypeScript without its types. The stripper costs 22 MB and 40 ms in this process, so that its result is kept, by the
 * digest of source and Node; a folder that cannot be written costs only that.
 */
export const stripped = async (name: string, text: string, cache: string): Promise<string> => {
  const file = join(cache, `${createHash('sha256').update(process.version).update(text).digest('hex')}.mjs`)
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return kept
  const result = await strip(name, text)
  await keep(file, cache, result).catch(() => {})
  return result
}

const strip = async (name: string, text: string): Promise<string> => {
  const { stripTypeScriptTypes } = await import('node:module')
  try {
    return quietly(() => stripTypeScriptTypes(text))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown'
    throw new PluginError('plugin.invalid', `${name}: its types cannot be stripped: ${reason}`, { cause })
  }
}

/** Whole or not at all: two servers may start at once. */
const keep = async (file: string, cache: string, text: string): Promise<void> => {
  await mkdir(cache, { recursive: true, mode: 0o700 })
  const aside = `${file}.${randomUUID()}`
  await writeFile(aside, text, { mode: 0o600 })
  await rename(aside, file)
}

/** Node warns once a process that stripping is experimental; the release that we ship is tried with it. */
const quietly = <T>(work: () => T): T => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return work()
  } finally {
    process.emitWarning = emitWarning
  }
}
