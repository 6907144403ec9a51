import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of a chain, named after the number of its first record. */
export interface Segment {
  readonly path: string
  readonly first: number
}

const shape = /^(\d{15})\.jsonl$/

export const segmentOf = (folder: string, first: number): Segment => ({
  path: join(folder, `${String(first).padStart(15, '0')}.jsonl`),
  first,
})

/** In order; none where there is no folder. */
export const segmentsIn = async (folder: string): Promise<readonly Segment[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found = names.filter((name) => shape.test(name)).map((name) => Number.parseInt(name, 10))
  return found.toSorted((one, other) => one - other).map((first) => segmentOf(folder, first))
}

export const sizeOf = async ({ path }: Segment): Promise<number> => (await stat(path)).size

/** Makes what was created or removed in a folder last. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export interface Line {
  readonly text: string
  /** Bytes of the file up to and with this line. */
  readonly end: number
  /** Whether its line break is there. */
  readonly isWhole: boolean
}

/** Many times what the longest record takes. */
const longestLine = 131_072
const lineBreak = 10

/** The lines of a file, piece by piece; one that no record could be as long as is cut. */
export async function* linesOf({ path }: Segment): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let end = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let piece = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let at = piece.indexOf(lineBreak); at !== -1; at = piece.indexOf(lineBreak)) {
      end += at + 1
      yield { text: piece.toString('utf8', 0, at), end, isWhole: true }
      piece = piece.subarray(at + 1)
    }
    rest = piece
    if (rest.length <= longestLine) continue
    end += rest.length
    yield { text: rest.toString('utf8'), end, isWhole: false }
    rest = Buffer.alloc(0)
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), end: end + rest.length, isWhole: false }
}
