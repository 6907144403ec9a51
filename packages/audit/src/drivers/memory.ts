import type { AuditEntry, AuditLog, AuditQuery, AuditRecord, Clock, Page } from '@covent/core'
import { bounded } from '../bounded.ts'
import { ring } from '../ring.ts'

export interface MemoryAuditOptions {
  readonly clock: Pick<Clock, 'now'>
  /** How many recorded entries are kept, and how many noted ones; 10,000. The oldest go first. */
  readonly capacity?: number
}

const fits = ({ actor, outcome }: AuditQuery, record: AuditRecord): boolean =>
  (actor === undefined || record.actor.id === actor) && (outcome === undefined || record.outcome === outcome)

const pageOf = (found: readonly AuditRecord[], { limit, cursor, from }: AuditQuery): Page<AuditRecord> => {
  if (cursor === undefined && from === 'end') return { items: found.slice(-limit) }
  const after = Number(cursor ?? 0)
  const rest = found.filter(({ seq }) => seq > after)
  const items = rest.slice(0, limit)
  return { items, ...(rest.length > limit && { nextCursor: String(items.at(-1)!.seq) }) }
}

/**
 * An audit log that lasts as long as its process. Recorded and noted entries have a ring each, so that a plugin that makes
 * a million calls pushes out no administrator's change.
 */
export const memoryAuditLog = ({ clock, capacity = 10_000 }: MemoryAuditOptions): AuditLog => {
  const recorded = ring<AuditRecord>(capacity)
  const noted = ring<AuditRecord>(capacity)
  let seq = 0
  const take = (entry: AuditEntry): AuditRecord => ({ seq: ++seq, at: clock.now(), ...bounded(entry) })
  return {
    record: async (entry) => recorded.push(take(entry)),
    note: (entry) => noted.push(take(entry)),
    async list(query) {
      const all = [...recorded.values(), ...noted.values()].filter((record) => fits(query, record))
      return pageOf(
        all.toSorted((one, other) => one.seq - other.seq),
        query,
      )
    },
  }
}
