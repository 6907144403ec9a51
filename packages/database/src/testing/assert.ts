import { deepStrictEqual, rejects } from 'node:assert/strict'
import { AppError } from '@covent/core'

export const equal: (actual: unknown, wanted: unknown) => void = deepStrictEqual

/** The promise rejects with an AppError of that code. */
export const refused = (promise: Promise<unknown>, code: string): Promise<void> =>
  rejects(promise, (error) => {
    if (!AppError.is(error, code)) throw error
    return true
  })

export const ids = (items: readonly { readonly id: string }[]): string => items.map(({ id }) => id).join(' ')
