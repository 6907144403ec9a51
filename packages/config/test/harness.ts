import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigurationError } from '@covent/core'
import { type Environment, loadConfig } from '@covent/config'
import { temporaryFolder } from '@covent/testing'
import { schema } from './schema.ts'

export const written = (text: string | Uint8Array): string => {
  const file = join(temporaryFolder(), 'covent.json')
  writeFileSync(file, text)
  return file
}

export const load = (text: string | Uint8Array, env: Environment = {}) =>
  loadConfig({ schema, file: written(text), env })

/** The error with which it is refused. */
export const refusal = async (
  text: string | Uint8Array,
  env: Environment = {},
): Promise<ConfigurationError> => {
  try {
    await load(text, env)
  } catch (error) {
    return error as ConfigurationError
  }
  throw new Error('it was not refused')
}
