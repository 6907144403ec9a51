import type { AuditQuery, AuditRecord, Page } from '@covent/core'
import { parseLine } from './link.ts'
import { linesOf, type Segment } from './segments.ts'

/** Cheap enough for every line: most are refused before they are parsed. */
const mayFit = (body: string, { actor, outcome }: AuditQuery): boolean =>
  (actor === undefined || body.includes(`"id":${JSON.stringify(actor)}`)) &&
  (outcome === undefined || body.includes(`"outcome":"${outcome}"`))

const recordOf = (text: string, after: number, query: AuditQuery): AuditRecord | undefined => {
  const line = parseLine(text)
  if (line === undefined || line.seq <= after || !mayFit(line.body, query)) return undefined
  const record = JSON.parse(`${line.body}}`) as AuditRecord
  const { actor, outcome } = query
  const fits =
    (actor === undefined || record.actor.id === actor) && (outcome ?? record.outcome) === record.outcome
  return fits ? record : undefined
}

const onwards = async (
  segments: readonly Segment[],
  after: number,
  query: AuditQuery,
): Promise<Page<AuditRecord>> => {
  const items: AuditRecord[] = []
  const from = Math.max(
    0,
    segments.findLastIndex(({ first }) => first <= after + 1),
  )
  for (const segment of segments.slice(from))
    for await (const { text } of linesOf(segment)) {
      const record = recordOf(text, after, query)
      if (record === undefined) continue
      if (items.length === query.limit) return { items, nextCursor: String(items.at(-1)!.seq) }
      items.push(record)
    }
  return { items }
}

const newest = async (segments: readonly Segment[], query: AuditQuery): Promise<Page<AuditRecord>> => {
  let items: AuditRecord[] = []
  for (const segment of segments.toReversed()) {
    const found: AuditRecord[] = []
    for await (const { text } of linesOf(segment)) {
      const record = recordOf(text, 0, query)
      if (record === undefined) continue
      found.push(record)
      if (found.length > query.limit) found.shift()
    }
    items = [...found, ...items].slice(-query.limit)
    if (items.length === query.limit) break
  }
  return { items }
}

/** A page from the files of a chain; holds no more than the page and a piece of a file. */
export const pageOf = (segments: readonly Segment[], query: AuditQuery): Promise<Page<AuditRecord>> =>
  query.cursor === undefined && query.from === 'end'
    ? newest(segments, query)
    : onwards(segments, Number(query.cursor ?? 0), query)
