import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuditError } from '@covent/core'
import { textOf } from './chain-state.ts'

/** A record by number and hash, which stands for all before it too. */
export interface Head {
  readonly seq: number
  readonly hash: string
}

const shape = /^(\d{1,15}):([\w-]{0,43})\s*$/

export const headText = ({ seq, hash }: Head): string => `${seq}:${hash}`

/** Undefined for what is no head. */
export const parseHead = (text: string): Head | undefined => {
  const [, seq, hash] = shape.exec(text) ?? []
  return hash === undefined ? undefined : { seq: Number(seq), hash }
}

/** The last head that was noted apart from the chain's own folder; undefined where that file is not there. */
export const readAnchor = async (path: string): Promise<Head | undefined> => {
  const text = await textOf(path)
  if (text === undefined) return undefined
  const head = parseHead(text)
  if (head !== undefined) return head
  throw new AuditError('audit.broken', `${path} is damaged`)
}

/** Notes a head; padded, so that the file is overwritten in place and needs no new space. */
export const writeAnchor = async (path: string, head: Head): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, `${headText(head).padEnd(63)}\n`, { mode: 0o600, flag: 'r+' }).catch(
    async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      await writeFile(path, `${headText(head).padEnd(63)}\n`, { mode: 0o600 })
    },
  )
}
