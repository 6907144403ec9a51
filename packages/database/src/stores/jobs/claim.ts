import type { ClaimedJob, JobClaim, JobEnd } from '@covent/core'
import type { ReadJobRow } from '../../queries/jobs/claims.ts'
import type { JobQueries } from '../../queries/jobs/jobs.ts'
import type { Session } from '../../session.ts'
import { claimedOf, toEndRow } from './job-rows.ts'

interface Place {
  readonly unit: Session
  readonly queries: JobQueries
}

const lost = { code: 'job.lost', message: 'Its process died, or did not prolong its lease' } as const
const cancelled = { code: 'job.cancelled', message: 'Cancelled while it ran' } as const

/** How long it ran is not known: until its lease ended, at most. */
const endOfLost = (row: ReadJobRow): JobEnd => {
  const durationMs = Math.max(0, row.due_at - (row.started_at ?? row.due_at))
  if (row.is_cancelled === 1) return { kind: 'cancelled', error: cancelled, durationMs }
  if (row.attempt >= row.attempts) return { kind: 'failed', error: lost, durationMs }
  return { kind: 'retry', pauseMs: 0, error: lost, durationMs }
}

const reap = async ({ unit, queries }: Place, queue: string): Promise<void> => {
  for (const row of await unit.all(queries.lapsed, { queue }))
    await unit.run(queries.end, toEndRow(row, endOfLost(row), 'lost'))
}

interface Candidate {
  readonly id: string
  readonly principal_id: string
}

/** The first of them, of each principal as many as it has room for. */
const chosen = (
  candidates: readonly Candidate[],
  running: ReadonlyMap<string, number>,
  { room, each }: { readonly room: number; readonly each: number },
): readonly Candidate[] => {
  const counts = new Map(running)
  const found: Candidate[] = []
  for (const candidate of candidates) {
    if (found.length === room) break
    const { principal_id: principal } = candidate
    const count = counts.get(principal) ?? 0
    if (principal !== '' && count >= each) continue
    counts.set(principal, count + 1)
    found.push(candidate)
  }
  return found
}

/** How many candidates are looked at for each place: of one principal there may be more in a row than it has room for. */
const glance = 8

export const claimJobs = async (
  place: Place,
  queue: string,
  claim: JobClaim,
): Promise<readonly ClaimedJob[]> => {
  const { unit, queries } = place
  await unit.run(queries.enlist, { queue })
  const { fence } = (await unit.get(queries.number, { queue }))!
  await reap(place, queue)
  const counts = await unit.all(queries.running, { queue })
  const running = new Map(counts.map(({ principal_id, count }) => [principal_id, count]))
  const total = [...running.values()].reduce((sum, count) => sum + count, 0)
  const room = Math.min(claim.limit, claim.concurrency - total)
  if (room <= 0) return []
  const each = claim.concurrencyPerPrincipal
  const search = { queue, per_principal: each, limit: room * glance }
  const jobs: ClaimedJob[] = []
  for (const { id } of chosen(await unit.all(queries.candidates, search), running, { room, each })) {
    const lease = { id, fence, owner: claim.owner, lease_ms: claim.leaseMs }
    const row = await unit.get(queries.start, lease)
    if (row !== undefined) jobs.push(claimedOf(row))
  }
  return jobs
}
