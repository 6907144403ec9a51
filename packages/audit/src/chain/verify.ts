import { setImmediate as breathe } from 'node:timers/promises'
import { AuditError } from '@covent/core'
import { type Head, readAnchor } from './anchor.ts'
import { type ChainState, readStartKey, readState, statePath } from './chain-state.ts'
import type { ChainPlace } from './chain-writer.ts'
import { isGenuine, isLinked, nextKey, parseLine, type SealedLine } from './link.ts'
import { type Line, linesOf, type Segment, segmentsIn } from './segments.ts'

export type AuditFault = 'altered' | 'deleted' | 'reordered' | 'truncated'

/** What became of an audit. */
export interface AuditVerdict {
  /** The first fault, by the number of the record that is not as it was written. */
  readonly fault?: { readonly kind: AuditFault; readonly seq: number }
  /** Records that were found in order, up to the fault. */
  readonly records: number
  readonly head: Head
  /** False where the first key was taken away and not given: then only the plain sums were compared. */
  readonly isKeyed: boolean
  /** Whether behind the last record there is one that a crash, or a write under way, left unfinished. */
  readonly isTorn: boolean
}

export interface VerifyOptions extends ChainPlace {
  /** A head that was kept elsewhere; the chain must hold it. */
  readonly expected?: Head | undefined
}

/** The keys of a chain, one after another. */
const keysFrom = (start: Buffer) => {
  let key = start
  let at = 1
  return {
    /** That of a record; asked for in rising order. */
    async of(seq: number): Promise<Buffer> {
      for (; at < seq; at++) {
        key = nextKey(key)
        if (at % 5_000 === 0) await breathe()
      }
      return key
    },
  }
}
type Keys = ReturnType<typeof keysFrom>

async function* allLines(segments: readonly Segment[]): AsyncGenerator<Line & { readonly isLast: boolean }> {
  const last = segments.at(-1)
  for (const segment of segments)
    for await (const line of linesOf(segment)) yield { ...line, isLast: segment === last }
}

const stands = async (segments: readonly Segment[], seq: number): Promise<boolean> => {
  for await (const { text } of allLines(segments)) if (parseLine(text)?.seq === seq) return true
  return false
}

interface Walk {
  readonly segments: readonly Segment[]
  readonly state: ChainState
  readonly keys: Keys | undefined
  readonly expected: Head | undefined
}

type Fault = NonNullable<AuditVerdict['fault']>

/** Why the line is not the one after `before`; undefined where it is. */
const faultAt = async (
  walk: Walk,
  before: Head,
  line: SealedLine | undefined,
): Promise<Fault | undefined> => {
  const seq = before.seq + 1
  const altered: Fault = { kind: 'altered', seq }
  if (line === undefined) return altered
  if (line.seq < seq) return { kind: 'reordered', seq: line.seq }
  const ends = walk.state.link.seq
  if (line.seq > seq) {
    if (line.seq > ends) return altered
    const key = await walk.keys?.of(line.seq)
    if (key !== undefined && !isGenuine(line, key)) return altered
    return { kind: (await stands(walk.segments, seq)) ? 'reordered' : 'deleted', seq }
  }
  if (!isLinked(line, before)) return altered
  const key = await walk.keys?.of(seq)
  if (key !== undefined && !isGenuine(line, key)) return altered
  return walk.expected?.seq === seq && walk.expected.hash !== line.hash ? altered : undefined
}

type Walked = Pick<AuditVerdict, 'fault' | 'head' | 'isTorn'>

const walkThrough = async (walk: Walk): Promise<Walked> => {
  let head: Head = walk.state.base
  for await (const { text, isWhole, isLast } of allLines(walk.segments)) {
    const line = parseLine(text)
    if (!isWhole && isLast && head.seq >= walk.state.link.seq) return { head, isTorn: true }
    const fault = await faultAt(walk, head, line)
    if (fault !== undefined) return { head, fault, isTorn: false }
    head = { seq: line!.seq, hash: line!.hash }
  }
  return { head, isTorn: false }
}

/** Reads a chain from its first record to its last; its server may be running. */
export const verifyChain = async (options: VerifyOptions): Promise<AuditVerdict> => {
  const { folder, ring, anchorPath, expected } = options
  // Before the files: what is written meanwhile stands behind it.
  const anchor = await readAnchor(anchorPath)
  const state = await readState(folder, ring)
  const segments = await segmentsIn(folder)
  if (state === undefined && (segments.length > 0 || anchor !== undefined))
    throw new AuditError('audit.broken', `${statePath(folder)} is missing: nothing says how the audit was`)
  if (state === undefined) {
    const nothing = { head: { seq: 0, hash: '' }, records: 0, isTorn: false, isKeyed: false }
    return expected === undefined ? nothing : { ...nothing, fault: { kind: 'truncated', seq: 1 } }
  }
  const start = await readStartKey(folder, ring)
  const keys = start && keysFrom(start)
  const { fault, head, isTorn } = await walkThrough({ segments, state, keys, expected })
  const least = Math.max(state.link.seq, anchor?.seq ?? 0, expected?.seq ?? 0)
  const cut: Fault | undefined = head.seq < least ? { kind: 'truncated', seq: head.seq + 1 } : undefined
  const found = fault ?? cut
  return {
    ...(found && { fault: found }),
    head,
    isTorn,
    records: head.seq - state.base.seq,
    isKeyed: keys !== undefined,
  }
}
