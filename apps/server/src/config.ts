import { join } from 'node:path'
import { actionsConfig, agentConfig } from '@covent/agent/config'
import { httpConfig } from '@covent/api/config'
import { auditConfig } from '@covent/audit/config'
import { environmentSecrets, loadConfig } from '@covent/config'
import { type Secret, secret, type Secrets } from '@covent/core'
import { databaseConfig } from '@covent/database/config'
import { jobsConfig } from '@covent/jobs/config'
import { modelsConfig } from '@covent/models/config'
import { isolationConfig, pluginsConfig } from '@covent/plugins/config'
import { budgetsConfig, rateLimitConfig } from '@covent/rate-limit/config'
import { secureStorageConfig } from '@covent/secure-storage/config'
import { logConfig } from '@covent/telemetry/config'
import * as z from 'zod'
import { homeOf } from './home.ts'

/** What replicas share; each process keeps to itself where there is none. */
const redisConfig = z.strictObject({
  /** `redis://` or `rediss://`, with user and password where it asks for them. */
  url: z.url({ protocol: /^rediss?$/ }).optional(),
})

/** All settings: each package brings its own. */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  http: httpConfig.prefault({}),
  rateLimit: rateLimitConfig.prefault({}),
  budgets: budgetsConfig.prefault({}),
  database: databaseConfig.prefault({}),
  redis: redisConfig.prefault({}),
  secureStorage: secureStorageConfig.prefault({}),
  audit: auditConfig.prefault({}),
  log: logConfig.prefault({}),
  agent: agentConfig.prefault({}),
  actions: actionsConfig.prefault({}),
  jobs: jobsConfig.prefault({}),
  models: modelsConfig.prefault({}),
  plugins: pluginsConfig.prefault({}),
  isolation: isolationConfig.prefault({}),
})

type Settings = z.output<typeof settingsSchema>

export interface ServerConfig extends Settings {
  /** Folder of all state. */
  readonly home: string
  /** Those of the environment. */
  readonly secrets: Secrets
  /** Plugins read of it what their operator granted. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The text of `COVENT_MASTER_KEY`. */
  readonly masterKey: Secret | undefined
  /** Reads all of it anew; throws as the first reading does. */
  reread(): Promise<ServerConfig>
  /** Logs and the ready text for people instead of JSON lines. */
  readonly isTerminal: boolean
}

const masterKeyIn = ({ COVENT_MASTER_KEY: text }: NodeJS.ProcessEnv): Secret | undefined =>
  text === undefined ? undefined : secret(text)

/** Where servers share a database, they share the secrets in it unless they are told otherwise. */
const secureStorageOf = ({ secureStorage, database }: Settings): Settings['secureStorage'] => ({
  ...secureStorage,
  driver: secureStorage.driver ?? (database.url === undefined ? 'encrypted-file' : 'store'),
})

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
  const reread = (): Promise<ServerConfig> => loadServerConfig(argv, env)
  const given = { environment: env, secrets: environmentSecrets(env), masterKey: masterKeyIn(env) }
  const secureStorage = secureStorageOf(settings)
  return { ...settings, secureStorage, ...given, reread, home, isTerminal: process.stdout.isTTY }
}
