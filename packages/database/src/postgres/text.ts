/** Texts here may hold NUL, as those of SQLite do; PostgreSQL takes none, so it stands behind a code point that means nothing. */
const MARK = '\uFDD0'

/** As PostgreSQL takes it. */
export const toColumnText = (text: string): string =>
  text.includes('\0') || text.includes(MARK)
    ? text.replaceAll(MARK, `${MARK}1`).replaceAll('\0', `${MARK}0`)
    : text

export const fromColumnText = (text: string): string =>
  text.includes(MARK) ? text.replaceAll(`${MARK}0`, '\0').replaceAll(`${MARK}1`, MARK) : text
