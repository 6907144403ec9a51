import type { Secrets } from '@covent/core'
import type { Environment } from './environment.ts'

/**
 * Secrets from `COVENT_SECRET_<NAME>`: a name is looked up as it is, and in capitals with `_` for other characters
 * (`openai-key` → `COVENT_SECRET_OPENAI_KEY`). Empty counts as missing.
 */
export const environmentSecrets = (env: Environment): Secrets => {
  const values = new Map<string, string>()
  for (const [variable, value = ''] of Object.entries(env))
    if (variable.startsWith('COVENT_SECRET_') && value !== '')
      values.set(variable.slice('COVENT_SECRET_'.length), value)
  return {
    get: async (name) => values.get(name) ?? values.get(name.toUpperCase().replaceAll(/[^A-Z\d]/g, '_')),
  }
}
