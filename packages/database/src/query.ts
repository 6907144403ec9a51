/** A vector as the engine takes it. */
export type SqlVector = Uint8Array | readonly number[]
export type SqlValue = string | number | null | SqlVector

/** A compiled statement, whose parameters are given by name and sent by position. */
export interface Query<P, R> {
  readonly sql: string
  /** Names of the parameters, in the order in which the statement wants them. */
  readonly names: readonly (keyof P & string)[]
  /** What it is called among all queries, where the engine prepares statements by name. */
  readonly name?: string
  /** An insert of one row that changes nothing, instead of failing, where its key is taken: that is a conflict then. */
  readonly isGuarded?: true
  /** Never there; carries the type of a row. */
  readonly row?: R
}

/** Values for the placeholders of the statement. */
export const valuesFor = <P>({ names }: Query<P, unknown>, parameters: P): SqlValue[] => {
  const values: SqlValue[] = []
  for (const name of names) values.push(parameters[name] as SqlValue)
  return values
}
