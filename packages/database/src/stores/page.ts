import { type Page, ValidationError } from '@covent/core'

export const cursorRefused = (): ValidationError =>
  new ValidationError('validation.failed', 'cursor: not one of this list; use nextCursor of the page before')

/** Makes a page of rows of which one more was asked for than the page may hold. */
export const toPage = <R, T>(
  rows: readonly R[],
  limit: number,
  as: { readonly item: (row: R) => T; readonly cursor: (row: R) => string },
): Page<T> => {
  const items = rows.slice(0, limit).map(as.item)
  const last = rows[limit - 1]
  return rows.length > limit && last !== undefined ? { items, nextCursor: as.cursor(last) } : { items }
}
