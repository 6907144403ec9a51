import type { ErrorRecord } from '@covent/core'

interface ErrorColumns {
  readonly error_code: string | null
  readonly error_message: string | null
}

const none: ErrorColumns = { error_code: null, error_message: null }

export const toErrorColumns = (error: ErrorRecord | undefined): ErrorColumns =>
  error === undefined ? none : { error_code: error.code, error_message: error.message }

/** The record as a property to spread: nothing where there is none. */
export const fromErrorColumns = (row: ErrorColumns): { readonly error?: ErrorRecord } =>
  row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }
