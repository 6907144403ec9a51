import { DatabaseError } from '@covent/core'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const FULL = 13
const CONSTRAINT = 19
const notUsable = new Map([
  [3, 'it may not be read or written'],
  [5, 'another process is writing to it'],
  [6, 'a table is locked'],
  [7, 'out of memory'],
  [8, 'it may not be written'],
  [10, 'the disk failed to read or write'],
  [11, 'the file is damaged'],
  [14, 'the file cannot be opened'],
  [26, 'the file is no database'],
])

/** What an error of node:sqlite means to a caller; one that is nobody's fault but ours is returned as it is. */
export const sqliteFailure = (error: unknown): unknown => {
  const { errcode, message } = error as { readonly errcode?: number; readonly message: string }
  if (errcode === undefined) return error
  const primary = errcode & 0xff
  if (primary === CONSTRAINT)
    return new DatabaseError('database.conflict', `${message}; read again and repeat`, { cause: error })
  if (primary === FULL)
    return new DatabaseError('database.full', 'No space left for the database; free some', { cause: error })
  const reason = notUsable.get(primary)
  if (reason === undefined) return error
  return new DatabaseError('database.unavailable', `The database cannot be used: ${reason}`, { cause: error })
}

export const notOpen = (): DatabaseError =>
  new DatabaseError('database.unavailable', 'The database is not open; start it first')
