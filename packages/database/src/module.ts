import {
  type HealthCheck,
  HealthRegistry,
  Lifecycle,
  Logger,
  SecretMask,
  type Service,
  Stores,
  type Token,
  token,
  UnitOfWork,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import type { PostgresOptions } from './postgres/postgres-database.ts'
import { sqliteDatabase, type SqliteOptions } from './sqlite/sqlite-database.ts'

/** With a `url` it is PostgreSQL's, else the file at `path`. */
export interface DatabaseModuleOptions extends SqliteOptions, Omit<PostgresOptions, 'url'> {
  readonly url?: string | undefined
}

interface Database extends Service {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  readonly health: HealthCheck
}
const Database: Token<Database> = token('database.Database')

/** How the database is made, and what has to be said and hidden of how one gets there. */
interface Driver {
  readonly open: () => Database
  readonly secrets: readonly string[]
  readonly warning?: string
}

const driverOf = async ({ url, ...options }: DatabaseModuleOptions): Promise<Driver> => {
  if (url === undefined) return { open: () => sqliteDatabase(options), secrets: [] }
  const { connectionOptions, isInTheClear, postgresDatabase } =
    await import('./postgres/postgres-database.ts')
  const where = connectionOptions(url)
  return {
    open: () => postgresDatabase({ ...options, url }),
    secrets: typeof where.password === 'string' ? [where.password, url] : [url],
    ...(isInTheClear(where) && {
      warning: `the way to the database at ${where.host} is not encrypted: add sslmode=verify-full to database.url`,
    }),
  }
}

/** Binds `Stores` and `UnitOfWork` over one database, which starts and stops with the app and is part of its health. */
export const databaseModule = (options: DatabaseModuleOptions): ContainerModule =>
  new ContainerModule(async ({ bind }) => {
    const { open, secrets, warning } = await driverOf(options)
    bind(Database).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (lifecycle, health, mask, logger) => {
        for (const secret of secrets) mask.hide(secret)
        if (warning !== undefined) logger.warn(warning)
        const database = lifecycle.add(open())
        health.add(database.health)
        return database
      },
      [Lifecycle, HealthRegistry, SecretMask, Logger],
    )
    bind(Stores).toResolvedValue((database) => database.stores, [Database])
    bind(UnitOfWork).toResolvedValue((database) => database.unitOfWork, [Database])
  })
