import { join } from 'node:path'
import { actionsConfig, agentConfig } from '@covent/agent/config'
import { httpConfig } from '@covent/api/config'
import { environmentSecrets, loadConfig } from '@covent/config'
import type { Secrets } from '@covent/core'
import { modelsConfig } from '@covent/models/config'
import { isolationConfig, pluginsConfig } from '@covent/plugins/config'
import { logConfig } from '@covent/telemetry/config'
import * as z from 'zod'
import { homeOf } from './home.ts'

/** All settings: each package brings its own. */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  http: httpConfig.prefault({}),
  log: logConfig.prefault({}),
  agent: agentConfig.prefault({}),
  actions: actionsConfig.prefault({}),
  models: modelsConfig.prefault({}),
  plugins: pluginsConfig.prefault({}),
  isolation: isolationConfig.prefault({}),
})

export interface ServerConfig extends z.output<typeof settingsSchema> {
  /** Folder of all state. */
  readonly home: string
  readonly secrets: Secrets
  /** Logs and the ready text for people instead of JSON lines. */
  readonly isTerminal: boolean
}

/**
 * Reads settings from `covent.json` in the home (or `--config FILE`) and from the environment. Every problem is in one
 * ConfigurationError, with key and line; nothing has been opened or made by then.
 */
export const loadServerConfig = async (
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ServerConfig> => {
  const home = homeOf(env)
  const settings = await loadConfig({ schema: settingsSchema, file: join(home, 'covent.json'), argv, env })
  return { ...settings, home, secrets: environmentSecrets(env), isTerminal: process.stdout.isTTY }
}
