export { type SqliteDatabase, sqliteDatabase, type SqliteOptions } from './sqlite/sqlite-database.ts'
export { type HomeLock, homeLock } from './sqlite/home-lock.ts'
