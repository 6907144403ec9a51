const marker: unique symbol = Symbol.for('covent.AppError') as never

/** What a code means at the edge. */
export interface ErrorSpec {
  /** The HTTP status that answers for it. */
  readonly status: number
  /** A few words, the same for each occurrence. */
  readonly title: string
  /** What the reader can do. */
  readonly remedy: string
}

/** A family's codes: `noun.what-was-wrong`, each with its meaning. */
export type CodeTable<C extends string = string> = Readonly<Record<C, ErrorSpec>>

export interface AppErrorOptions extends ErrorOptions {
  /** Machine-readable facts that a caller may be shown; never a secret. */
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * The one kind of error that may be shown to a caller: a code from a table, and a message that names the thing,
 * what was wrong with it and the way out. Recognised by `AppError.is`, which survives two installed copies.
 */
export class AppError<C extends string = string> extends Error {
  readonly [marker] = true
  readonly code: C
  readonly status: number
  readonly title: string
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(
    kind: { readonly table: CodeTable<C>; readonly code: C },
    message: string,
    options?: AppErrorOptions,
  ) {
    super(message, options)
    this.name = 'AppError'
    this.code = kind.code
    this.status = kind.table[kind.code].status
    this.title = kind.table[kind.code].title
    this.data = options?.data
  }

  /** True for an AppError of any copy of core, with that code when one is given. */
  static is<C extends string = string>(value: unknown, code?: C): value is AppError<C> {
    if (typeof value !== 'object' || value === null || !(marker in value)) return false
    return code === undefined || (value as AppError).code === code
  }
}
