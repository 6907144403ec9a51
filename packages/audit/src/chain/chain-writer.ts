import { mkdir } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { AuditError, type KeyRing } from '@covent/core'
import { readAnchor, writeAnchor } from './anchor.ts'
import { type ChainState, openState, readState, statePath } from './chain-state.ts'
import { follow, type Link, parseLine, seal } from './link.ts'
import { openSegments, type SegmentFilesOptions } from './segment-files.ts'
import { linesOf, type Segment, segmentsIn } from './segments.ts'

export interface ChainPlace {
  readonly folder: string
  /** Where the head is noted too, apart from `folder`: an older copy of the folder is known by it. */
  readonly anchorPath: string
  readonly ring: KeyRing
}

export interface ChainWriterOptions extends ChainPlace, SegmentFilesOptions {}

/** The one writer of a chain. */
export interface ChainWriter {
  /** Adds records, given as JSON objects without `seq`: all of them, and durable, when it resolves; none when it rejects. */
  append(records: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Lines that are summed up in one go: some milliseconds. */
const atOnce = 250

const sealAll = async (from: Link, records: readonly string[]): Promise<{ text: string; link: Link }> => {
  const lines: string[] = []
  let link = from
  for (const [n, record] of records.entries()) {
    if (n % atOnce === atOnce - 1) await breathe()
    const sealed = seal(link, record)
    lines.push(sealed.line)
    link = sealed.link
  }
  return { text: lines.join(''), link }
}

/**
 * What stands behind the noted state: whole records of a write whose end was not noted, then perhaps a torn one. Undefined
 * where the record that the state names is not there: then all is left as it is, for `verify` to say more.
 */
const takeUp = async (
  segment: Segment,
  { link: known }: ChainState,
): Promise<{ link: Link; size: number } | undefined> => {
  let isBehind = segment.first > known.seq
  let link = known
  let size = 0
  for await (const { text, end, isWhole } of linesOf(segment)) {
    const line = parseLine(text)
    if (isBehind) {
      const next = line && isWhole ? follow(link, line) : undefined
      if (next === undefined) break
      link = next
    } else isBehind = line?.seq === known.seq
    size = end
  }
  return isBehind ? { link, size } : undefined
}

const checkPlace = async ({ folder, anchorPath, ring }: ChainPlace): Promise<void> => {
  const state = await readState(folder, ring)
  if (state === undefined && (await segmentsIn(folder)).length > 0)
    throw new AuditError(
      'audit.broken',
      `${statePath(folder)} is missing, though there are records: move ${folder} aside to begin a new audit`,
    )
  const anchor = await readAnchor(anchorPath)
  if (anchor !== undefined && anchor.seq > (state?.link.seq ?? 0))
    throw new AuditError(
      'audit.broken',
      `${folder} is older than the last record that was written (${state?.link.seq ?? 0}, not ${anchor.seq}): restore that one, or remove ${anchorPath} if you put it there yourself`,
    )
}

export const openChain = async (options: ChainWriterOptions): Promise<ChainWriter> => {
  const { folder, anchorPath, ring } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await checkPlace(options)
  const files = await openSegments(options)
  const noted = await openState(folder, ring)
  let { link, base } = noted.opened
  try {
    const taken = files.last && (await takeUp(files.last, noted.opened))
    if (taken !== undefined) await files.resume(taken.size)
    link = taken?.link ?? link
  } catch (error) {
    await noted.close()
    throw error
  }

  const dropSurplus = async (): Promise<void> => {
    for (let head = await files.surplus(); head !== undefined; head = await files.surplus()) {
      base = head
      await noted.write({ link, base })
      await files.dropOldest()
    }
  }
  const write = async (records: readonly string[]): Promise<void> => {
    await dropSurplus()
    const sealed = await sealAll(link, records)
    await files.add(sealed.text, link.seq + 1)
    await noted.write({ link: sealed.link, base })
    files.keep()
    link = sealed.link
    // The chain is whole without it: it only tells an older copy of the folder, a little later.
    await writeAnchor(anchorPath, link).catch(() => undefined)
  }
  const unavailable = (cause: unknown): AuditError => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const message = `the audit in ${folder} cannot be kept (${code}); nothing was changed`
    return new AuditError('audit.unavailable', message, { cause })
  }
  return {
    async append(records) {
      try {
        await write(records)
      } catch (cause) {
        // Where even that fails, the next write begins with it.
        await files.takeBack().catch(() => undefined)
        throw unavailable(cause)
      }
    },
    async close() {
      await files.close()
      await noted.close()
    },
  }
}
