import { DatabaseError, type JobHold, type JobStore, type QueueStats } from '@covent/core'
import type { JobQueries } from '../../queries/jobs/jobs.ts'
import type { Session } from '../../session.ts'
import { toJson } from '../columns/json.ts'
import type { OutboxNews } from '../outbox/outbox-news.ts'
import { cursorRefused, toPage } from '../page.ts'
import { jobOf, toEndRow, toNewRow } from './job-rows.ts'
import { claimJobs } from './claim.ts'
import { statsOf } from './job-stats.ts'

/** What the news call a queue, among consumers of the outbox. */
const topic = 'job:'

const stale = ({ id }: JobHold): DatabaseError =>
  new DatabaseError(
    'database.conflict',
    `Job ${id} is not in this hand any more: it has ended or was started anew`,
  )

const seqOf = (cursor: string | undefined): number => {
  const seq = cursor === undefined ? 0 : Number(cursor)
  if (!Number.isSafeInteger(seq) || seq < 0) throw cursorRefused()
  return seq
}

type Running = Pick<JobStore, 'claim' | 'renew' | 'progress' | 'end'>

const running = (session: Session, queries: JobQueries): Running => ({
  claim: (queue, claim) => session.atomically((unit) => claimJobs({ unit, queries }, queue, claim)),
  renew: (owner, leaseMs) =>
    session.atomically(async (unit) => {
      const rows = await unit.all(queries.renew, { owner, lease_ms: leaseMs })
      return rows.map(({ id, fence, is_cancelled }) => ({ id, fence, isCancelled: is_cancelled === 1 }))
    }),
  async progress({ id, fence }, progress) {
    await session.run(queries.progress, { id, fence, progress: toJson(progress) })
  },
  end: (hold, end) =>
    session.atomically(async (unit) => {
      const row = await unit.get(queries.history, { id: hold.id, fence: hold.fence })
      if (row === undefined) throw stale(hold)
      if ((await unit.run(queries.end, toEndRow(row, end))) === 0) throw stale(hold)
    }),
})

type Operated = Pick<JobStore, 'cancel' | 'redrive' | 'redriveFailed' | 'prune' | 'stats'>

const operated = (session: Session, queries: JobQueries, news: OutboxNews): Operated => ({
  cancel: (id) =>
    session.atomically(async (unit) => {
      const row =
        (await unit.get(queries.cancelWaiting, { id })) ??
        (await unit.get(queries.cancelRunning, { id })) ??
        (await unit.get(queries.find, { id }))
      return row && jobOf(row)
    }),
  async redrive(id) {
    const row = await session.atomically(async (unit) => unit.get(queries.redrive, { id }))
    if (row !== undefined) news.tell([topic + row.queue])
    return row !== undefined
  },
  async redriveFailed(queue) {
    const count = await session.run(queries.redriveFailed, { queue })
    if (count > 0) news.tell([topic + queue])
    return count
  },
  async prune(queue, state, { ageMs, count }) {
    const old = await session.run(queries.pruneOld, { queue, state, age_ms: ageMs })
    return old + (await session.run(queries.pruneMany, { queue, state, count }))
  },
  stats: async (): Promise<readonly QueueStats[]> => statsOf(await session.all(queries.stats, {})),
})

type Scheduled = Pick<JobStore, 'now' | 'lastTick' | 'tick'>

const scheduled = (session: Session, queries: JobQueries): Scheduled => ({
  now: async () => (await session.get(queries.now, {}))!.now,
  async lastTick(name) {
    const known = await session.get(queries.lastTick, { name })
    if (known !== undefined) return known.tick_at
    await session.run(queries.sighted, { name })
    return (await session.get(queries.lastTick, { name }))!.tick_at
  },
  tick: async (name, at) => (await session.run(queries.tick, { name, at })) > 0,
})

export const jobStore = (session: Session, queries: JobQueries, news: OutboxNews): JobStore => ({
  ...running(session, queries),
  ...operated(session, queries, news),
  ...scheduled(session, queries),
  async enqueue(job) {
    // Through a unit, as reads go to a connection that cannot write.
    const row = await session.atomically(async (unit) => unit.get(queries.enqueue, toNewRow(job)))
    news.tell([topic + job.queue])
    return row!.id
  },
  async find(id) {
    const row = await session.get(queries.find, { id })
    return row && jobOf(row)
  },
  async list({ limit, cursor, queue = '', state = '', principalId = '' }) {
    const filter = { queue, state, principal_id: principalId, after: seqOf(cursor), limit: limit + 1 }
    return toPage(await session.all(queries.list, filter), limit, {
      item: jobOf,
      cursor: ({ seq }) => String(seq),
    })
  },
  untilDue: async (queue) => (await session.get(queries.untilDue, { queue }))?.ms,
  onDue: (listener) =>
    news.onDue((topics) => {
      const queues = topics.filter((name) => name.startsWith(topic)).map((name) => name.slice(topic.length))
      if (queues.length > 0) listener(queues)
    }),
})
