import { connectionOver } from '../postgres/connection.ts'
import { failureOf } from '../postgres/failure.ts'
import { migrate } from '../postgres/migrations/migrate.ts'
import { pendingMigrations } from '../postgres/migrations/pending-migrations.ts'
import { openPool, type PostgresOptions } from '../postgres/pool.ts'

/** The schema of a PostgreSQL database, over a connection for each question. */
export const postgresSchema = (options: PostgresOptions) => {
  const lent = async <T>(use: Parameters<ReturnType<typeof openPool>['lend']>[0]): Promise<T> => {
    const pool = openPool({ ...options, poolSize: 1 })
    try {
      return (await pool.lend(use)) as T
    } catch (error) {
      throw failureOf(error).error
    } finally {
      await pool.close()
    }
  }
  return {
    pending: () => lent<readonly string[]>((client) => pendingMigrations(connectionOver(client))),
    migrate: () => lent<void>((client) => migrate(client)),
  }
}
