import { JobError } from '@covent/core'
import type { Cases } from './jobs-suite.ts'
import { equal, eventually, numbers, reached, refused, untilAborted } from './support.ts'

/** How jobs end. */
export const endCases: Cases = {
  async 'tries again what failed, then buries it, and starts it anew on request'({ jobs }) {
    let luck = false
    const queue = numbers(async () => {
      if (!luck) throw new Error('no luck')
    })
    jobs.define(queue)
    await jobs.start()
    const id = await jobs.enqueue(queue, { n: 1 }, { attempts: 3 })
    const dead = await reached(jobs, id, 'failed')
    equal([dead.attempt, dead.error], [3, { code: 'job.failed', message: 'no luck' }])
    equal(
      dead.history.map(({ outcome }) => outcome),
      ['failed', 'failed', 'failed'],
    )
    luck = true
    await jobs.redrive(id)
    await reached(jobs, id, 'completed')
    await refused(jobs.redrive(id), 'job.not-failed')
    await refused(jobs.redrive('none'), 'job.not-found')
  },
  async 'does not try again what was rejected'({ jobs }) {
    const queue = numbers(async () => {
      throw new JobError('job.rejected', 'never')
    })
    jobs.define(queue)
    await jobs.start()
    const dead = await reached(jobs, await jobs.enqueue(queue, { n: 1 }), 'failed')
    equal([dead.attempt, dead.error?.code], [1, 'job.rejected'])
    equal(await jobs.redriveFailed('numbers'), 1)
  },
  async 'tells a job that takes too long to end, and tries it again'({ jobs }) {
    const reasons: unknown[] = []
    const queue = numbers(async (_, { signal, attempt }) => {
      if (attempt === 2) return 'quick'
      return untilAborted(signal).catch((error: unknown) => {
        reasons.push((error as JobError).code)
        throw error
      })
    })
    jobs.define(queue)
    await jobs.start()
    const job = await reached(jobs, await jobs.enqueue(queue, { n: 1 }, { timeoutMs: 30 }), 'completed')
    equal([job.result, job.history[0]?.error?.code, reasons], ['quick', 'job.timeout', ['job.timeout']])
  },
  async 'leaves a job that does not heed its signal, and takes no word of it afterwards'({ jobs, stores }) {
    const late = Promise.withResolvers<unknown>()
    const queue = numbers(async (n, job) => {
      await new Promise((resolve) => setTimeout(resolve, 600))
      await job.complete(({ jobs }) => jobs.redriveFailed('none')).then(late.resolve, late.resolve)
      return n
    })
    jobs.define(queue)
    await jobs.start()
    const id = await jobs.enqueue(queue, { n: 1 }, { timeoutMs: 20, attempts: 1 })
    equal((await reached(jobs, id, 'failed')).error?.code, 'job.timeout')
    equal(((await late.promise) as JobError).code, 'database.conflict')
    equal((await stores.jobs.find(id))?.state, 'failed')
  },
  async 'cancels what waits, and what runs, also from another replica'({ jobs, another }) {
    const queue = numbers(async (_, { signal }) => untilAborted(signal))
    jobs.define(queue)
    await jobs.start()
    const waiting = await jobs.enqueue(queue, { n: 1 }, { delayMs: 60_000 })
    equal((await jobs.cancel(waiting)).state, 'cancelled')
    await refused(jobs.cancel(waiting), 'job.ended')
    await refused(jobs.cancel('none'), 'job.not-found')
    for (const replica of [jobs, another()]) {
      const id = await jobs.enqueue(queue, { n: 1 })
      await reached(jobs, id, 'running')
      await replica.cancel(id)
      const job = await reached(jobs, id, 'cancelled')
      equal([job.attempt, job.error?.code], [1, 'job.cancelled'])
    }
  },
  async 'writes the effect of a job with its end, once'({ jobs, stores }) {
    const queue = numbers(async (n, job) => {
      await job.complete(async (unit) => {
        await unit.conversations.create({ id: `c${n}`, principalId: 'p', character: 'c', createdAt: 1 })
        return 'written'
      })
    })
    jobs.define(queue)
    await jobs.start()
    const job = await reached(jobs, await jobs.enqueue(queue, { n: 1 }), 'completed')
    equal([job.result, job.history.length], ['written', 1])
    equal((await stores.conversations.find('c1', 'p'))?.id, 'c1')
  },
  async 'tells how far a job is'({ jobs }) {
    const gate = Promise.withResolvers<void>()
    const queue = numbers(async (_, job) => {
      job.progress({ done: 1 })
      await gate.promise
      job.progress({ done: 2 })
    })
    jobs.define(queue)
    await jobs.start()
    const id = await jobs.enqueue(queue, { n: 1 })
    await eventually(async () => (await jobs.find(id))?.progress !== undefined, 'progress')
    equal((await jobs.find(id))?.progress, { done: 1 })
    gate.resolve()
    equal((await reached(jobs, id, 'completed')).progress, { done: 2 })
  },
  async 'counts what there is'({ jobs }) {
    const queue = numbers(async (n) => {
      if (n === 0) throw new JobError('job.rejected', 'zero')
    })
    jobs.define(queue)
    await jobs.start()
    for (const n of [0, 1, 2]) await jobs.enqueue(queue, { n })
    await jobs.enqueue(queue, { n: 3 }, { delayMs: 60_000 })
    const counts = { waiting: 1, running: 0, completed: 2, failed: 1, cancelled: 0 }
    await eventually(
      async () => JSON.stringify((await jobs.stats())[0]?.counts) === JSON.stringify(counts),
      'all counted',
    )
    equal((await jobs.list({ limit: 9, state: 'failed' })).items.length, 1)
  },
}
