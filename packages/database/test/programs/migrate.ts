/** Starts the PostgreSQL database that it is given, and says when it is open. */
import { postgresDatabase } from '../../src/postgres/postgres-database.ts'

const { start, stop } = postgresDatabase({ url: process.argv[2] ?? '' })
await start()
console.log('open')
await stop()
