import type { Clock, HealthResult, Metrics } from '@covent/core'
import type { ChainWriter } from './chain-writer.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** Writes what waits, as many entries as there are with one write. */
export interface GroupCommit {
  /** Where to write, from now on; until then all waits. */
  begin(chain: ChainWriter): void
  /** Resolves when what waits is written, or could not be. */
  flush(): Promise<void>
  /** Sees to it that what waits is written before long. */
  soon(): void
  health(): HealthResult
  /** Writes no more. */
  end(): void
}

export interface GroupCommitOptions {
  readonly room: WaitingRoom
  readonly clock: Pick<Clock, 'monotonic'>
  readonly metrics: Metrics
  readonly patienceMs: number
}

/** Noted entries are gathered for as long, so that many share one write. */
const gatherMs = 50
const retryMs = 1_000

export const groupCommit = ({ room, clock, metrics, patienceMs }: GroupCommitOptions): GroupCommit => {
  let chain: ChainWriter | undefined
  let failure: Error | undefined
  let busySinceMs: number | undefined
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const writeSome = async ({ append }: ChainWriter): Promise<boolean> => {
    const batch = room.take()
    busySinceMs = clock.monotonic()
    try {
      await append(batch.records)
      failure = undefined
      room.done(batch)
    } catch (error) {
      failure = error as Error
      metrics.count('audit_write_failures')
      room.putBack(batch, failure)
    }
    busySinceMs = undefined
    return failure === undefined
  }
  const writeAll = async (open: ChainWriter): Promise<void> => {
    while ((await writeSome(open)) && room.size > 0);
    // In the same breath as the last look at the room: who comes later begins anew.
    writing = undefined
    if (room.size > 0) soon()
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (writing !== undefined) return writing
    if (chain === undefined || room.size === 0) return Promise.resolve()
    writing = writeAll(chain)
    return writing
  }
  const soon = (): void => {
    if (writing === undefined) timer ??= setTimeout(flush, failure === undefined ? gatherMs : retryMs)
  }
  const isStuck = (): boolean => busySinceMs !== undefined && clock.monotonic() - busySinceMs > patienceMs
  return {
    begin: (opened) => void (chain = opened),
    flush,
    soon,
    health() {
      if (failure !== undefined) return { ok: false, detail: failure.message }
      if (isStuck()) return { ok: false, detail: 'the disk of the audit does not answer' }
      return room.lost > 0 ? { ok: false, detail: `${room.lost} entries were lost` } : { ok: true }
    },
    end() {
      chain = undefined
      clearTimeout(timer)
    },
  }
}
