import { join } from 'node:path'
import {
  AppError,
  AuditError,
  type AuditLog,
  type Clock,
  type HealthResult,
  type KeyRing,
  type Metrics,
  noMetrics,
  type Service,
  systemClock,
} from '@covent/core'
import { pageOf } from '../chain/chain-pages.ts'
import { type ChainPlace, type ChainWriter, openChain } from '../chain/chain-writer.ts'
import { groupCommit } from '../chain/group-commit.ts'
import { segmentsIn } from '../chain/segments.ts'
import { waitingRoom } from '../chain/waiting-room.ts'

export interface ChainedFileOptions {
  readonly home: string
  readonly ring: KeyRing
  readonly clock?: Clock
  readonly metrics?: Metrics
  /** Of all files together; the oldest go first. 1 GiB. */
  readonly maxBytes?: number
  /** Of one file; 4 MiB. */
  readonly segmentBytes?: number
  /** How long to wait for a disk that does not answer; 5 s. */
  readonly patienceMs?: number
}

/** An audit log on disk, chained by hash. Entries that are noted before it has started are kept once it has. */
export interface ChainedAuditLog extends AuditLog, Service {
  start(): Promise<void>
  stop(): Promise<void>
  /** Not ok while entries cannot be written, or were lost. */
  health(): HealthResult
}

/** The folder and the anchor of a home's audit. */
export const auditPlace = (home: string): Omit<ChainPlace, 'ring'> => ({
  folder: join(home, 'data', 'audit'),
  anchorPath: join(home, 'keys', 'audit.head'),
})

const refusalOf = (folder: string, why: string): AuditError =>
  new AuditError('audit.unavailable', `the audit in ${folder} cannot be kept (${why}); nothing was changed`)

export const chainedFileAuditLog = (options: ChainedFileOptions): ChainedAuditLog => {
  const { home, ring, clock = systemClock, metrics = noMetrics } = options
  const { maxBytes = 1_073_741_824, segmentBytes = 4_194_304, patienceMs = 5_000 } = options
  const place = { ...auditPlace(home), ring }
  const room = waitingRoom(clock, metrics)
  const commit = groupCommit({ room, clock, metrics, patienceMs })
  let chain: ChainWriter | undefined
  let sealed: Error | undefined

  const refusal = (why: string): AuditError => refusalOf(place.folder, why)
  const patiently = (work: Promise<void>): Promise<void> => Promise.race([work, clock.sleep(patienceMs)])

  return {
    name: 'audit',
    async start() {
      try {
        chain = await openChain({ ...place, maxBytes, segmentBytes })
      } catch (error) {
        // Who starts sealed has chosen to be told so by each change that is refused.
        if (!AppError.is(error, 'secret.sealed')) throw error
        sealed = error
        return
      }
      commit.begin(chain)
      await patiently(commit.flush())
    },
    async stop() {
      const open = chain
      chain = undefined
      await patiently(commit.flush().then(() => open?.close()))
      commit.end()
    },
    async record(entry) {
      if (chain === undefined) throw refusal(sealed?.message ?? 'it is not open')
      if (room.isFull) throw refusal('too much waits to be written')
      const kept = Promise.withResolvers<void>()
      const mine = room.add(entry, (failure) =>
        failure === undefined ? kept.resolve() : kept.reject(failure),
      )
      const late = setTimeout(() => {
        room.leave(mine)
        kept.reject(refusal('the disk does not answer'))
      }, patienceMs)
      void commit.flush()
      await kept.promise.finally(() => clearTimeout(late))
    },
    note(entry) {
      room.add(entry)
      commit.soon()
    },
    async list(query) {
      await patiently(commit.flush())
      return pageOf(await segmentsIn(place.folder), query)
    },
    health: () => (sealed === undefined ? commit.health() : { ok: false, detail: sealed.message }),
  }
}
