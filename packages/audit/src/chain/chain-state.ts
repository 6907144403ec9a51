import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, AuditError, type KeyRing } from '@covent/core'
import type { Link } from './link.ts'
import { syncFolder } from './segments.ts'

/** What is known of a chain apart from its files. */
export interface ChainState {
  readonly link: Link
  /** Number and hash of the record before the first one that is kept. */
  readonly base: Pick<Link, 'seq' | 'hash'>
}

const algorithm = 'aes-256-gcm'
const purpose = 'audit'
const slotBytes = 1024

export const statePath = (folder: string): string => join(folder, 'chain.state')
export const startKeyPath = (folder: string): string => join(folder, 'chain.start')

const seal = (ring: KeyRing, what: string, value: unknown): string => {
  const keyId = ring.currentId
  const iv = randomBytes(12)
  const cipher = createCipheriv(algorithm, ring.subKey(purpose, keyId), iv).setAAD(Buffer.from(what))
  const data = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()])
  return JSON.stringify({ keyId, iv: iv.toString('base64'), data: data.toString('base64') })
}

/** Undefined for what is damaged; throws where the key is not there. */
const unseal = (ring: KeyRing, what: string, text: string): unknown => {
  try {
    const { keyId, iv, data } = JSON.parse(text) as Record<'keyId' | 'iv' | 'data', string>
    const sealed = Buffer.from(data, 'base64')
    const decipher = createDecipheriv(algorithm, ring.subKey(purpose, keyId), Buffer.from(iv, 'base64'))
    decipher.setAAD(Buffer.from(what)).setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    return JSON.parse(plain.toString())
  } catch (error) {
    if (AppError.is(error)) throw error
    return undefined
  }
}

/** The text of a file, a character a byte; undefined where there is none. */
export const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

interface Slot {
  readonly turn: number
  readonly seq: number
  readonly hash: string
  readonly key: string
  readonly base: ChainState['base']
}

const newestSlot = async (folder: string, ring: KeyRing): Promise<Slot | undefined> => {
  const text = await textOf(statePath(folder))
  if (text === undefined) return undefined
  const slots = [text.slice(0, slotBytes), text.slice(slotBytes)].map(
    (slot) => unseal(ring, 'state', slot) as Slot | undefined,
  )
  const newest = slots
    .filter((slot) => slot !== undefined)
    .reduce<Slot | undefined>(
      (one, other) => (one !== undefined && one.turn > other.turn ? one : other),
      undefined,
    )
  if (newest !== undefined) return newest
  throw new AuditError('audit.broken', `${statePath(folder)} is damaged, or lies under another master key`)
}

const stateOf = ({ seq, hash, key, base }: Slot): ChainState => ({
  link: { seq, hash, key: Buffer.from(key, 'base64') },
  base,
})

/** The state as it was last written; undefined where no chain was begun. */
export const readState = async (folder: string, ring: KeyRing): Promise<ChainState | undefined> => {
  const slot = await newestSlot(folder, ring)
  return slot && stateOf(slot)
}

/** The key of the first record; undefined where it was taken away, to be kept elsewhere. */
export const readStartKey = async (folder: string, ring: KeyRing): Promise<Buffer | undefined> => {
  const text = await textOf(startKeyPath(folder))
  if (text === undefined) return undefined
  const key = unseal(ring, 'start', text)
  if (typeof key === 'string') return Buffer.from(key, 'base64')
  throw new AuditError('audit.broken', `${startKeyPath(folder)} is damaged, or lies under another master key`)
}

/** Begins a chain: makes its first key and writes it down. */
const beginChain = async (folder: string, ring: KeyRing): Promise<ChainState> => {
  const key = randomBytes(32)
  const path = startKeyPath(folder)
  const sealed = seal(ring, 'start', key.toString('base64'))
  await writeFile(`${path}.new`, `${sealed}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
  await syncFolder(dirname(path))
  return { link: { seq: 0, hash: '', key }, base: { seq: 0, hash: '' } }
}

/** Where a chain's writer notes how far it is. */
export interface StateFile {
  readonly opened: ChainState
  /** Durable when it resolves; after a crash there is this state or the one before. Overwrites older keys. */
  write(state: ChainState): Promise<void>
  close(): Promise<void>
}

const writeSlot = async (file: FileHandle, text: string, turn: number): Promise<void> => {
  await file.write(text.padEnd(slotBytes), (turn % 2) * slotBytes)
  await file.datasync()
}

export const openState = async (folder: string, ring: KeyRing): Promise<StateFile> => {
  const found = await newestSlot(folder, ring)
  const opened = found === undefined ? await beginChain(folder, ring) : stateOf(found)
  const file = await open(statePath(folder), constants.O_RDWR | constants.O_CREAT, 0o600)
  let turn = found?.turn ?? 0
  const write = async ({ link, base }: ChainState): Promise<void> => {
    turn += 1
    const { seq, hash, key } = link
    await writeSlot(file, seal(ring, 'state', { turn, seq, hash, key: key.toString('base64'), base }), turn)
  }
  try {
    if (found === undefined) {
      await write(opened)
      await write(opened)
      await syncFolder(folder)
    }
  } catch (error) {
    await file.close()
    throw error
  }
  return { opened, write, close: () => file.close() }
}
