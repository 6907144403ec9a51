import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { adminSocketPath, apiClient } from '@covent/api/client'
import { ApiKeys, AppError } from '@covent/core'
import { sandboxMatrix } from '@covent/plugins'
import { loadServerConfig, type ServerConfig } from '../config.ts'
import { openOffline } from './open-offline.ts'
import { checkSecrets, keptNames } from './secrets.ts'
import { pluginLock } from './plugin-lock.ts'

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  readonly remedy?: string
}

interface Surroundings {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** Looks at all that the server needs on this machine; each finding comes with its remedy. */
export const doctorChecks = async (options: Surroundings): Promise<readonly Check[]> => {
  const config = await loadServerConfig(options.argv, options.env).catch((error: unknown) => error)
  if (!isConfig(config)) return [node(), failing('configuration', config)]
  const server = await runningServer(config)
  return [
    node(),
    { name: 'configuration', ok: true, detail: `valid, home ${config.home}` },
    home(config),
    server,
    await port(config, server.ok && server.detail.startsWith('running')),
    ...(await sandbox(config)),
    await keys(config, options),
    ...(await pluginLock(config.home, options)),
    ...(await checkSecrets(config, options)),
    await model(config, options),
  ]
}

const isConfig = (value: unknown): value is ServerConfig =>
  typeof value === 'object' && value !== null && 'home' in value

const failing = (name: string, error: unknown, remedy?: string): Check => ({
  name,
  ok: false,
  detail: AppError.is(error) || error instanceof Error ? error.message : String(error),
  ...(remedy === undefined ? {} : { remedy }),
})

const node = (): Check => {
  const major = Number(process.versions.node.split('.')[0])
  const detail = `Node ${process.versions.node}`
  return major >= 24
    ? { name: 'node', ok: true, detail }
    : {
        name: 'node',
        ok: false,
        detail,
        remedy: 'Start by `npm start`, which brings its own Node, or install Node 24 or newer.',
      }
}

const home = (config: ServerConfig): Check => {
  if (!existsSync(config.home))
    return { name: 'home', ok: true, detail: `${config.home} will be made at the first start` }
  try {
    accessSync(config.home, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    return failing(
      'home',
      error,
      `Give the folder to the user that runs the server, or set COVENT_HOME to another one.`,
    )
  }
  const mode = statSync(config.home).mode & 0o777
  const detail = `${config.home}, mode 0${mode.toString(8)}`
  if ((mode & 0o077) === 0) return { name: 'home', ok: true, detail }
  return { name: 'home', ok: false, detail, remedy: `chmod 700 ${config.home}` }
}

const runningServer = async (config: ServerConfig): Promise<Check> => {
  try {
    const health = await apiClient({ socketPath: adminSocketPath(config.home) }).health()
    return { name: 'server', ok: health.status !== 'unready', detail: `running, ${health.status}` }
  } catch {
    return { name: 'server', ok: true, detail: 'not running' }
  }
}

const port = async ({ http }: ServerConfig, isOurs: boolean): Promise<Check> => {
  const detail = `${http.host}:${http.port}`
  if (isOurs) return { name: 'port', ok: true, detail: `${detail}, used by this home’s server` }
  const listener = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject).listen({ host: http.host, port: http.port }, resolve)
    })
    return { name: 'port', ok: true, detail: `${detail} is free` }
  } catch (error) {
    return failing(
      'port',
      error,
      'Set http.port (or COVENT_HTTP__PORT) to another one; 0 takes any free port.',
    )
  } finally {
    listener.close()
  }
}

const sandbox = async (config: ServerConfig): Promise<readonly Check[]> => {
  const found = await sandboxMatrix(config.isolation)
  return found.map(({ level, ok, isWanted, guarantees, reason, remedy }) => ({
    name: `isolation ${level}`,
    ok: ok || !isWanted,
    detail: [
      ok || isWanted ? undefined : 'not there, and not asked for',
      reason,
      guarantees && words(guarantees),
    ]
      .filter((part) => part !== undefined)
      .join('; '),
    ...(remedy === undefined ? {} : { remedy }),
  }))
}

const words = (guarantees: object): string =>
  Object.entries(guarantees)
    .map(([what, by]) => `${what}: ${by}`)
    .join(', ')

const keys = async (config: ServerConfig, options: Surroundings): Promise<Check> => {
  try {
    const live = (await listKeys(config, options)).filter(({ revokedAt }) => revokedAt === undefined)
    return {
      name: 'keys',
      ok: true,
      detail: live.length === 0 ? 'none yet: make one with `covent keys create`' : `${live.length} live`,
    }
  } catch (error) {
    return failing('keys', error)
  }
}

const listKeys = async (
  config: ServerConfig,
  options: Surroundings,
): Promise<readonly { readonly revokedAt?: unknown }[]> => {
  if (!existsSync(join(config.home, 'data'))) return []
  try {
    return await apiClient({ socketPath: adminSocketPath(config.home) }).keys.list()
  } catch {
    const offline = await openOffline(options)
    return offline
      .get(ApiKeys)
      .list()
      .finally(() => offline.stop())
  }
}

const model = async (config: ServerConfig, options: Surroundings): Promise<Check> => {
  const { models, secrets } = config
  const kept = await keptNames(config, options)
  const isThere = async (name: string): Promise<boolean> =>
    kept.includes(name.toUpperCase().replaceAll(/[.-]/g, '_')) || (await secrets.get(name)) !== undefined
  for (const [id, provider] of Object.entries(models.providers)) {
    if (provider.secret !== undefined && !(await isThere(provider.secret))) {
      const remedy = `Run \`covent secrets set ${provider.secret}\`, or set COVENT_SECRET_${provider.secret} in the server’s environment.`
      return {
        name: 'models',
        ok: false,
        detail: `provider ${id}: secret ${provider.secret} is missing`,
        remedy,
      }
    }
  }
  return { name: 'models', ok: true, detail: `default ${models.default}` }
}
