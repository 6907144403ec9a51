import { AppError, type ErrorRecord, errorCodes, type ErrorSpec } from '@covent/core'

const specs: ReadonlyMap<string, ErrorSpec> = new Map(
  Object.values(errorCodes).flatMap((table) => Object.entries<ErrorSpec>(table)),
)

/** What may be stored and shown of an error; undefined for one that is not ours, of which nothing may be. */
export const errorRecord = (error: unknown): ErrorRecord | undefined =>
  AppError.is(error) ? { code: error.code, message: error.message } : undefined

/** The HTTP status that answers for a recorded error. */
export const statusOf = (record: ErrorRecord): number => specs.get(record.code)?.status ?? 500
