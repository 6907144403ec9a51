import { equal, ids, refused } from '../assert.ts'
import type { Cases } from '../stores-suite.ts'
import { claim, completed, failure, newJob } from './job-records.ts'

/** What running jobs may count on. */
export const jobCases: Cases = {
  async 'starts a job once, and tells all about it'({ stores }) {
    equal(await stores.jobs.enqueue(newJob('j1', { principalId: 'p1' })), 'j1')
    const [job] = await claim(stores)
    equal([job?.payload, job?.state, job?.attempt, job?.principalId], [{ to: 'j1' }, 'running', 1, 'p1'])
    equal(await claim(stores), [])
    await stores.jobs.end(job!, { ...completed, result: { sent: true } })
    const ended = await stores.jobs.find('j1')
    equal([ended?.state, ended?.result], ['completed', { sent: true }])
    equal(
      ended?.history.map(({ attempt, owner, outcome }) => [attempt, owner, outcome]),
      [[1, 'w1', 'completed']],
    )
  },
  async 'lets one of many that claim at once start a job'({ stores }) {
    for (const id of ['j1', 'j2', 'j3']) await stores.jobs.enqueue(newJob(id))
    const owners = ['w1', 'w2', 'w3', 'w4']
    const claims = await Promise.all(owners.map((owner) => claim(stores, { owner, limit: 2 })))
    equal(ids(claims.flat().toSorted((a, b) => a.id.localeCompare(b.id))), 'j1 j2 j3')
  },
  async 'starts what is more urgent first, and what has waited long before what is new and urgent'({
    stores,
  }) {
    const now = await stores.jobs.now()
    await stores.jobs.enqueue(newJob('late'))
    await stores.jobs.enqueue(newJob('urgent', { priority: 5 }))
    await stores.jobs.enqueue(newJob('old', { due: { at: now - 60_000 } }))
    equal(ids(await claim(stores)), 'old urgent late')
  },
  async 'starts nothing before it is due, and knows when that is'({ stores }) {
    equal(await stores.jobs.untilDue('mail'), undefined)
    await stores.jobs.enqueue(newJob('j1', { due: { delayMs: 60_000 } }))
    equal(await claim(stores), [])
    const ms = (await stores.jobs.untilDue('mail'))!
    equal(ms > 50_000 && ms <= 60_000, true)
    await stores.jobs.enqueue(newJob('j2'))
    equal((await stores.jobs.untilDue('mail'))! <= 0, true)
  },
  async 'runs no more at once than a queue and a principal may'({ stores }) {
    for (const id of ['a1', 'a2', 'a3']) await stores.jobs.enqueue(newJob(id, { principalId: 'a' }))
    for (const id of ['b1', 'b2']) await stores.jobs.enqueue(newJob(id, { principalId: 'b' }))
    await stores.jobs.enqueue(newJob('n1'))
    const limits = { concurrency: 4, concurrencyPerPrincipal: 1 }
    equal(ids(await claim(stores, limits)), 'a1 b1 n1')
    equal(ids(await claim(stores, { ...limits, owner: 'w2' })), '')
    equal(ids(await claim(stores, { owner: 'w2', concurrency: 4, concurrencyPerPrincipal: 2 })), 'a2')
  },
  async 'is one job for each idempotency key of a queue'({ stores }) {
    const key = { idempotencyKey: 'k' }
    equal(await stores.jobs.enqueue(newJob('j1', key)), 'j1')
    equal(await stores.jobs.enqueue(newJob('j2', key)), 'j1')
    equal(await stores.jobs.enqueue(newJob('j3', { ...key, queue: 'other' })), 'j3')
    const many = ['j4', 'j5', 'j6'].map((id) => stores.jobs.enqueue(newJob(id, { idempotencyKey: 'l' })))
    equal(new Set(await Promise.all(many)).size, 1)
  },
  async 'keeps a job with its unit of work, or not at all'({ stores, unitOfWork }) {
    const failing = unitOfWork.run(async ({ jobs }) => {
      await jobs.enqueue(newJob('j1'))
      throw new Error('no')
    })
    await failing.catch(() => {})
    equal(await stores.jobs.find('j1'), undefined)
    await unitOfWork.run(({ jobs }) => jobs.enqueue(newJob('j1')))
    equal(ids(await claim(stores)), 'j1')
  },
  async 'refuses the end of one whose owner has lost it, with all that was written with it'({
    stores,
    unitOfWork,
  }) {
    await stores.jobs.enqueue(newJob('j1'))
    const [first] = await claim(stores, { leaseMs: 0 })
    const [second] = await claim(stores, { owner: 'w2' })
    equal([second?.id, second?.attempt, second!.fence > first!.fence], ['j1', 2, true])
    const late = unitOfWork.run(async ({ jobs }) => {
      await jobs.enqueue(newJob('effect'))
      await jobs.end(first!, completed)
    })
    await refused(late, 'database.conflict')
    await stores.jobs.progress(first!, 'late')
    equal(await stores.jobs.find('effect'), undefined)
    await stores.jobs.end(second!, completed)
    await refused(stores.jobs.end(second!, completed), 'database.conflict')
    const job = await stores.jobs.find('j1')
    equal([job?.state, job?.progress], ['completed', undefined])
    equal(
      job?.history.map(({ outcome }) => outcome),
      ['lost', 'completed'],
    )
  },
  async 'prolongs the leases of an owner, and tells what was cancelled'({ stores }) {
    for (const id of ['j1', 'j2']) await stores.jobs.enqueue(newJob(id))
    const jobs = await claim(stores, { leaseMs: 0 })
    equal((await stores.jobs.renew('w1', 60_000)).length, 2)
    equal(await claim(stores, { owner: 'w2' }), [])
    await stores.jobs.cancel('j2')
    const held = await stores.jobs.renew('w1', 60_000)
    equal(held.find(({ id }) => id === 'j2')?.isCancelled, true)
    equal(
      held.find(({ id }) => id === 'j1'),
      { id: 'j1', fence: jobs[0]!.fence, isCancelled: false },
    )
    equal(await stores.jobs.renew('w2', 60_000), [])
  },
  async 'lets a failed attempt wait anew, and a released one not count'({ stores }) {
    await stores.jobs.enqueue(newJob('j1'))
    const end = async (outcome: Parameters<typeof stores.jobs.end>[1]) =>
      stores.jobs.end((await claim(stores))[0]!, outcome)
    await end({ kind: 'released', durationMs: 1 })
    await end({ kind: 'retry', pauseMs: 0, error: failure, durationMs: 1 })
    equal((await stores.jobs.find('j1'))?.error, failure)
    await end({ kind: 'retry', pauseMs: 60_000, error: failure, durationMs: 1 })
    equal(await claim(stores), [])
    const job = await stores.jobs.find('j1')
    equal([job?.state, job?.attempt], ['waiting', 2])
    equal(
      job?.history.map(({ outcome }) => outcome),
      ['released', 'failed', 'failed'],
    )
  },
}
