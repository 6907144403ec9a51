export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** How many rows it gave or changed. */
  readonly rowCount: number
}

/** The database for a library that brings SQL of its own, in the dialect of the engine. Ours stands behind the other stores. */
export interface SqlDatabase {
  readonly engine: 'sqlite' | 'postgres'
  /** Without values the text may hold several statements. Within a unit of work it is part of the unit. */
  execute(sql: string, values?: readonly unknown[]): Promise<SqlResult>
}
