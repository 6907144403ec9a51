import { type AuditEntry, type Clock, type Metrics, systemActor } from '@covent/core'
import { bounded } from '../bounded.ts'

export interface Waiting {
  readonly at: number
  readonly entry: AuditEntry
  /** Of what is waited for: told once whether it was written. */
  readonly settle?: (failure?: Error) => void
}

export interface Batch {
  readonly waiting: readonly Waiting[]
  /** As JSON objects, with one more where entries were lost. */
  readonly records: readonly string[]
  readonly lost: number
}

/** Entries that are taken and not yet written; it holds so many and counts those that it had to lose. */
export interface WaitingRoom {
  readonly size: number
  readonly isFull: boolean
  readonly lost: number
  add(entry: AuditEntry, settle?: Waiting['settle']): Waiting
  leave(one: Waiting): void
  take(): Batch
  /** Puts back the noted ones of a batch that could not be written, and tells the others. */
  putBack(batch: Batch, failure: Error): void
  /** The batch was written. */
  done(batch: Batch): void
}

const places = 10_000
const mostAtOnce = 2_000

export const waitingRoom = (clock: Pick<Clock, 'now'>, metrics: Metrics): WaitingRoom => {
  let waiting: Waiting[] = []
  let lost = 0
  const jsonOf = ({ at, entry }: Waiting): string => JSON.stringify({ at, ...entry })
  const lossOf = (entries: number): Waiting => ({
    at: clock.now(),
    entry: { actor: systemActor, action: 'audit.lose', outcome: 'failed', data: { entries } },
  })
  return {
    get size() {
      return waiting.length
    },
    get isFull() {
      return waiting.length >= places
    },
    get lost() {
      return lost
    },
    add(entry, settle) {
      const one: Waiting = { at: clock.now(), entry: bounded(entry), ...(settle && { settle }) }
      if (waiting.length < places) waiting.push(one)
      else {
        lost += 1
        metrics.count('audit_entries_lost')
      }
      return one
    },
    leave: (one) => void (waiting = waiting.filter((other) => other !== one)),
    take() {
      const batch = waiting.splice(0, mostAtOnce)
      const all = lost > 0 ? [lossOf(lost), ...batch] : batch
      return { waiting: batch, records: all.map(jsonOf), lost }
    },
    putBack(batch, failure) {
      for (const { settle } of batch.waiting) settle?.(failure)
      waiting = [...batch.waiting.filter(({ settle }) => settle === undefined), ...waiting]
    },
    done(batch) {
      lost -= batch.lost
      for (const { settle } of batch.waiting) settle?.()
    },
  }
}
