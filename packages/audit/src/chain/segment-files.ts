import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Head } from './anchor.ts'
import { parseLine } from './link.ts'
import { linesOf, type Segment, segmentOf, segmentsIn, sizeOf, syncFolder } from './segments.ts'

/** The files of a chain, of which the last one grows. */
export interface SegmentFiles {
  readonly last: Segment | undefined
  /** Goes on in the last file; what stands there behind `size` goes. */
  resume(size: number): Promise<void>
  /** Adds text at the end, durably; begins a file, for the record of that number, where the last has grown enough. */
  add(text: string, seq: number): Promise<void>
  /** What was added last stays. Until this is called it goes with the next `add`, or `takeBack`. */
  keep(): void
  takeBack(): Promise<void>
  /** The last record of the oldest file, where all are larger together than they may be. */
  surplus(): Promise<Head | undefined>
  dropOldest(): Promise<void>
  close(): Promise<void>
}

export interface SegmentFilesOptions {
  readonly folder: string
  /** A file that has grown to this is followed by a new one. */
  readonly segmentBytes: number
  /** The oldest files go when all together are larger. */
  readonly maxBytes: number
}

const openAt = (path: string): Promise<FileHandle> =>
  open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600)

const lastOf = async (segment: Segment): Promise<Head | undefined> => {
  let head: Head | undefined
  for await (const { text } of linesOf(segment)) {
    const line = parseLine(text)
    if (line !== undefined) head = { seq: line.seq, hash: line.hash }
  }
  return head
}

interface Sized extends Segment {
  bytes: number
}

export const openSegments = async (options: SegmentFilesOptions): Promise<SegmentFiles> => {
  const { folder, segmentBytes, maxBytes } = options
  const segments: Sized[] = []
  for (const segment of await segmentsIn(folder)) segments.push({ ...segment, bytes: await sizeOf(segment) })
  let file: FileHandle | undefined
  let isClean = false
  let added = 0

  const begin = async (seq: number): Promise<void> => {
    const segment = segmentOf(folder, seq)
    const next = await openAt(segment.path)
    await syncFolder(folder)
    await file?.close()
    file = next
    if (segments.at(-1)?.first !== seq) segments.push({ ...segment, bytes: 0 })
  }
  const cut = async (): Promise<void> => {
    if (!isClean) await file?.truncate(segments.at(-1)!.bytes)
    isClean = true
  }
  return {
    get last() {
      return segments.at(-1)
    },
    async resume(size) {
      const last = segments.at(-1)!
      file = await openAt(last.path)
      last.bytes = size
      await cut()
    },
    async add(text, seq) {
      if (file === undefined || segments.at(-1)!.bytes >= segmentBytes) await begin(seq)
      await cut()
      isClean = false
      await file!.appendFile(text)
      await file!.datasync()
      added = Buffer.byteLength(text)
    },
    keep() {
      isClean = true
      segments.at(-1)!.bytes += added
    },
    takeBack: cut,
    async surplus() {
      const total = segments.reduce((sum, { bytes }) => sum + bytes, 0)
      return total > maxBytes && segments.length > 1 ? lastOf(segments[0]!) : undefined
    },
    async dropOldest() {
      await rm(segments[0]!.path)
      segments.shift()
    },
    close: async () => file?.close(),
  }
}
