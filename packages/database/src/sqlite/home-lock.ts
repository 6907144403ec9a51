import { existsSync } from 'node:fs'
import { ConfigurationError } from '@covent/core'
import { DatabaseSync } from 'node:sqlite'
import { ownFile } from './files.ts'

/** One server per home. */
export interface HomeLock {
  /** Throws `config.home-in-use`, naming the pid of the process that holds it. */
  acquire(): void
  release(): void
}

const BUSY = 5
const RETRIES = 25
const PAUSE_MS = 10

const isBusy = (error: unknown): boolean => ((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY

const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)

const inUse = (path: string, pid: number): ConfigurationError =>
  new ConfigurationError('config.home-in-use', `Another server, pid ${pid}, holds ${path}; stop it first`, {
    data: { pid },
  })

const unusable = (path: string, cause: unknown): ConfigurationError =>
  new ConfigurationError('config.home-unusable', `${path} cannot be used as a lock`, { cause })

/** The holder's pid stands in the header, where it can be read while the write lock is held. */
const pidIn = (db: DatabaseSync): number | undefined => {
  try {
    return Number(db.prepare('pragma user_version').get()?.['user_version'])
  } catch (error) {
    if (isBusy(error)) return undefined
    throw error
  }
}

const isOther = (pid: number | undefined): pid is number => {
  if (pid === undefined || pid === 0 || pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Commits our pid, then holds the write lock; false where another got in between. */
const take = (db: DatabaseSync): boolean => {
  try {
    db.exec(`begin immediate; pragma user_version = ${process.pid}; commit; begin immediate`)
    if (pidIn(db) === process.pid) return true
  } catch (error) {
    if (!isBusy(error)) throw error
  }
  if (db.isTransaction) db.exec('rollback')
  return false
}

/** Retries while the pid that it reads may be an old one, since a holder has the lock before its pid stands there. */
const takeOrRefuse = (db: DatabaseSync, path: string): void => {
  for (let tries = 0; tries < RETRIES; tries++) {
    if (take(db)) return
    const pid = pidIn(db)
    if (isOther(pid)) throw inUse(path, pid)
    pause()
  }
  throw inUse(path, pidIn(db) ?? 0)
}

const openLock = (path: string): DatabaseSync => {
  // Closing any other descriptor of a locked file would drop this process's locks on it.
  if (!existsSync(path)) ownFile(path)
  const db = new DatabaseSync(path, { timeout: 0 })
  try {
    takeOrRefuse(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A lock in a small SQLite file, which the kernel releases when the process dies. It keeps nobody from reading the home. */
export const homeLock = (path: string): HomeLock => {
  let held: DatabaseSync | undefined
  const release = (): void => {
    process.off('exit', release)
    held?.close()
    held = undefined
  }
  return {
    acquire() {
      try {
        held ??= openLock(path)
        // Also keeps the connection from being collected, and so the lock from being lost, where nobody holds this object.
        process.on('exit', release)
      } catch (error) {
        throw ConfigurationError.is(error) ? error : unusable(path, error)
      }
    },
    release,
  }
}
