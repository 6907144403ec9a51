import { equal, ids } from '../assert.ts'
import type { Cases } from '../stores-suite.ts'
import { claim, completed, failure, newJob } from './job-records.ts'

/** What those who look after jobs may count on. */
export const jobOperationCases: Cases = {
  async 'buries what was lost at its last attempt, and starts it anew on request'({ stores }) {
    await stores.jobs.enqueue(newJob('j1', { attempts: 1 }))
    await claim(stores, { leaseMs: 0 })
    equal(await claim(stores), [])
    const dead = await stores.jobs.find('j1')
    equal([dead?.state, dead?.error?.code, dead?.endedAt !== undefined], ['failed', 'job.lost', true])
    equal(await stores.jobs.redrive('j1'), true)
    equal(await stores.jobs.redrive('j1'), false)
    equal(ids(await claim(stores)), 'j1')
  },
  async 'starts all dead letters of a queue anew'({ stores }) {
    for (const id of ['j1', 'j2']) await stores.jobs.enqueue(newJob(id))
    for (const job of await claim(stores))
      await stores.jobs.end(job, { kind: 'failed', error: failure, durationMs: 1 })
    equal(await stores.jobs.redriveFailed('other'), 0)
    equal(await stores.jobs.redriveFailed('mail'), 2)
    equal(
      (await claim(stores)).map(({ attempt }) => attempt),
      [1, 1],
    )
  },
  async 'cancels what waits at once, and what was lost meanwhile for good'({ stores }) {
    await stores.jobs.enqueue(newJob('j1'))
    equal((await stores.jobs.cancel('j1'))?.state, 'cancelled')
    equal(await claim(stores), [])
    await stores.jobs.enqueue(newJob('j2'))
    await claim(stores, { leaseMs: 0 })
    equal((await stores.jobs.cancel('j2'))?.state, 'running')
    equal(await claim(stores), [])
    equal((await stores.jobs.find('j2'))?.state, 'cancelled')
    equal(await stores.jobs.cancel('none'), undefined)
  },
  async 'lists in the order of acceptance, by queue, state and principal'({ stores }) {
    for (const id of ['j1', 'j2', 'j3']) await stores.jobs.enqueue(newJob(id, { principalId: 'p' }))
    await stores.jobs.enqueue(newJob('o1', { queue: 'other' }))
    await stores.jobs.cancel('j2')
    const page = await stores.jobs.list({ limit: 2 })
    equal(ids(page.items), 'j1 j2')
    equal(ids((await stores.jobs.list({ limit: 2, cursor: page.nextCursor })).items), 'j3 o1')
    equal(ids((await stores.jobs.list({ limit: 9, queue: 'other' })).items), 'o1')
    equal(ids((await stores.jobs.list({ limit: 9, state: 'cancelled' })).items), 'j2')
    equal(ids((await stores.jobs.list({ limit: 9, principalId: 'p' })).items), 'j1 j2 j3')
  },
  async 'deletes ended ones by age and by number, and no others'({ stores }) {
    for (const id of ['j1', 'j2', 'j3', 'j4']) await stores.jobs.enqueue(newJob(id))
    const jobs = await claim(stores, { limit: 3 })
    for (const job of jobs) {
      await stores.jobs.end(job, completed)
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    const day = 86_400_000
    equal(await stores.jobs.prune('mail', 'completed', { ageMs: day, count: 9 }), 0)
    equal(await stores.jobs.prune('mail', 'completed', { ageMs: day, count: 2 }), 1)
    equal(ids((await stores.jobs.list({ limit: 9 })).items), 'j2 j3 j4')
    equal(await stores.jobs.prune('mail', 'failed', { ageMs: 0, count: 0 }), 0)
    equal(await stores.jobs.prune('mail', 'completed', { ageMs: 0, count: 9 }), 2)
    equal(ids((await stores.jobs.list({ limit: 9 })).items), 'j4')
  },
  async 'counts by queue and state'({ stores }) {
    equal(await stores.jobs.stats(), [])
    for (const id of ['j1', 'j2', 'j3']) await stores.jobs.enqueue(newJob(id))
    const [job] = await claim(stores, { limit: 2 })
    await stores.jobs.end(job!, completed)
    const [stats] = await stores.jobs.stats()
    equal(stats?.counts, { waiting: 1, running: 1, completed: 1, failed: 0, cancelled: 0 })
    equal(stats?.oldestDueAt, (await stores.jobs.find('j3'))?.dueAt)
    equal(typeof stats?.meanRunMs, 'number')
  },
  async 'ticks once for all, and never backwards'({ stores }) {
    const first = await stores.jobs.lastTick('nightly')
    equal(await stores.jobs.lastTick('nightly'), first)
    const told = await Promise.all([1, 2, 3].map(() => stores.jobs.tick('nightly', first + 1000)))
    equal(told.filter(Boolean).length, 1)
    equal(await stores.jobs.tick('nightly', first + 500), false)
    equal(await stores.jobs.lastTick('nightly'), first + 1000)
  },
  async 'tells in this process which queues have something, once that has committed'({ stores, unitOfWork }) {
    const told: string[] = []
    using _ = stores.jobs.onDue((queues) => told.push(...queues))
    await stores.jobs.enqueue(newJob('j1'))
    await unitOfWork.run(async ({ jobs }) => {
      await jobs.enqueue(newJob('j2', { queue: 'other' }))
      equal(told, ['mail'])
    })
    equal(told, ['mail', 'other'])
  },
}
