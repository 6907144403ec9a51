import type { ColumnDataType, ColumnDefinitionBuilder, CreateTableBuilder, Expression, Kysely } from 'kysely'

/** How an engine says what migrations need. */
export interface Flavour {
  /** Compared and ordered by its code points, on every engine. */
  readonly text: ColumnDataType | Expression<unknown>
  readonly wholeNumber: ColumnDataType
  readonly vector: ColumnDataType | Expression<unknown>
  /** Sees to it that `covent_dot(vector, vector)` can be called. */
  readonly similarity: (db: Kysely<unknown>) => Promise<void>
  /** The type of a primary key that the engine numbers in the order of inserts, and how it is declared. */
  readonly sequence: ColumnDataType
  readonly numbered: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder
  /** Ends the definition of a table; `keyed` ones are looked up by a primary key of their own, and small. */
  readonly table: <T extends string, C extends string>(
    builder: CreateTableBuilder<T, C>,
  ) => CreateTableBuilder<T, C>
  readonly keyed: <T extends string, C extends string>(
    builder: CreateTableBuilder<T, C>,
  ) => CreateTableBuilder<T, C>
}
