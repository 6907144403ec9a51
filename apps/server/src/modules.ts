import { homedir } from 'node:os'
import { agentModule } from '@covent/agent/module'
import { Api } from '@covent/api'
import { apiModule } from '@covent/api/module'
import { auditModule } from '@covent/audit/module'
import { authModule } from '@covent/auth/module'
import { Logger, type Token } from '@covent/core'
import { databaseModule } from '@covent/database/module'
import { egressModule } from '@covent/egress/module'
import { eventsModule } from '@covent/events/module'
import { jobsModule } from '@covent/jobs/module'
import { modelsModule } from '@covent/models/module'
import { rateLimitModule } from '@covent/rate-limit/module'
import { pluginsModule } from '@covent/plugins/module'
import { secureStorageModule } from '@covent/secure-storage/module'
import { telemetryModule } from '@covent/telemetry/module'
import type { ContainerModule } from 'inversify'
import { join } from 'node:path'
import { bundledPlugins } from './bundled-plugins.ts'
import type { ServerConfig } from './config.ts'

/** What a server makes at its start. The logger is the first, so that it stops last. */
export const roots: readonly Token<unknown>[] = [Logger, Api]

/** What is said, and to whom: logs to a file descriptor, and events to the replicas on a Redis, if there is one. */
export interface Telling {
  readonly logTo?: number
  readonly redisUrl?: string | undefined
}

/** What opens secrets: logs, events, keys. */
export const keyModules = (
  config: ServerConfig,
  { logTo = 1, redisUrl }: Telling = {},
): readonly ContainerModule[] => [
  telemetryModule({ log: config.log, pretty: config.isTerminal, destination: logTo }),
  eventsModule({ redisUrl }),
  secureStorageModule({
    ...config.secureStorage,
    home: config.home,
    environment: config.secrets,
    masterKey: config.masterKey,
  }),
]

/** What serves with no listener: the above, audit, storage, keys of the API. */
export const offlineModules = (config: ServerConfig, telling: Telling = {}): readonly ContainerModule[] => [
  ...keyModules(config, telling),
  auditModule({ ...config.audit, home: config.home }),
  databaseModule({ ...config.database, path: join(config.home, 'data', 'covent.db') }),
  authModule(),
]

/** The whole server, service by service. Put swaps behind it: `compose(roots, ...defaultModules(config), swap(…))`. */
export const defaultModules = (config: ServerConfig): readonly ContainerModule[] => [
  ...offlineModules(config, { redisUrl: config.redis.url }),
  rateLimitModule({ redisUrl: config.redis.url }),
  jobsModule(config.jobs),
  modelsModule(config.models),
  egressModule(),
  pluginsModule({
    ...config.plugins,
    isolation: config.isolation,
    home: config.home,
    userHome: homedir(),
    environment: config.environment,
    bundled: bundledPlugins,
    rereadSettings: async () => (await config.reread()).plugins.config,
    allowActions: config.actions.allow,
    budgets: config.budgets,
    rate: config.rateLimit.plugin,
  }),
  agentModule({
    ...config.agent,
    ...config.actions,
    budgets: config.budgets,
    rate: config.rateLimit.agent,
    drainMs: agentShare(config),
  }),
  apiModule({
    ...config.http,
    rateLimit: config.rateLimit,
    home: config.home,
    shutdownGraceMs: config.http.shutdownGraceMs - agentShare(config),
  }),
]

/** The grace of a shutdown is shared: the listener drains first, then turns that nobody waits for. */
const agentShare = (config: ServerConfig): number => Math.floor(config.http.shutdownGraceMs / 5)
