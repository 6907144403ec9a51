import { HealthRegistry, Lifecycle, Stores, type Token, token, UnitOfWork } from '@covent/core'
import { ContainerModule } from 'inversify'
import { type SqliteDatabase, sqliteDatabase, type SqliteOptions } from './sqlite/sqlite-database.ts'

const Database: Token<SqliteDatabase> = token('database.SqliteDatabase')

/** Binds `Stores` and `UnitOfWork` over one database, which starts and stops with the app and is part of its health. */
export const databaseModule = (options: SqliteOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Database).toResolvedValue(
      (lifecycle, health) => {
        const database = lifecycle.add(sqliteDatabase(options))
        health.add(database.health)
        return database
      },
      [Lifecycle, HealthRegistry],
    )
    bind(Stores).toResolvedValue((database) => database.stores, [Database])
    bind(UnitOfWork).toResolvedValue((database) => database.unitOfWork, [Database])
  })
