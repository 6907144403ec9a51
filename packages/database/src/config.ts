import * as z from 'zod'

const milliseconds = z.int().min(10).max(600_000)

/** Settings under `database`. */
export const databaseConfig = z.strictObject({
  /** `postgres://user:password@host:port/database?sslmode=verify-full`; without it everything is in one file of the home. */
  url: z.url({ protocol: /^postgres(?:ql)?$/ }).optional(),
  /** Connections at most that this server holds to PostgreSQL. */
  poolSize: z.int().min(1).max(500).default(10),
  /** How long to wait for a connection. */
  connectTimeoutMs: milliseconds.default(5000),
  /** How long a statement may take. */
  statementTimeoutMs: milliseconds.default(15_000),
  /** When a connection that nobody uses is closed. */
  idleTimeoutMs: milliseconds.default(30_000),
})
export type DatabaseConfig = z.output<typeof databaseConfig>
