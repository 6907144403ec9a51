import type { Cases } from './jobs-suite.ts'
import { equal, eventually, numbers, reached, refused, untilAborted } from './support.ts'

/** When and how often jobs run. */
export const runCases: Cases = {
  async 'runs a job, and keeps its result'({ jobs }) {
    const queue = numbers(async (n) => ({ twice: 2 * n }))
    jobs.define(queue)
    await jobs.start()
    const id = await jobs.enqueue(queue, { n: 4 }, { principalId: 'p' })
    const job = await reached(jobs, id, 'completed')
    equal([job.result, job.payload, job.principalId, job.attempt], [{ twice: 8 }, { n: 4 }, 'p', 1])
    equal(job.history.length, 1)
  },
  async 'refuses what does not fit its queue'({ jobs }) {
    const queue = numbers(async () => {})
    await refused(jobs.enqueue(queue, { n: 'x' } as never), 'validation.failed')
    await refused(jobs.enqueue(queue, { n: 1 }, { priority: 101 }), 'validation.failed')
    await refused(jobs.enqueue(queue, { n: 1 }, { delayMs: 1, runAt: 1 }), 'validation.failed')
    equal((await jobs.list({ limit: 9 })).items, [])
  },
  async 'runs urgent ones first'({ jobs }) {
    const seen: number[] = []
    const queue = numbers(async (n) => void seen.push(n), { concurrency: 1 })
    jobs.define(queue)
    for (const n of [0, 3, 1, 2]) await jobs.enqueue(queue, { n }, { priority: n })
    await jobs.start()
    await eventually(() => seen.length === 4, 'all four')
    equal(seen, [3, 2, 1, 0])
  },
  async 'runs none before it is due, and then at once'({ jobs, stores }) {
    const queue = numbers(async () => {})
    jobs.define(queue)
    await jobs.start()
    const id = await jobs.enqueue(queue, { n: 1 }, { delayMs: 60 })
    const job = await reached(jobs, id, 'completed')
    equal(job.startedAt! - job.createdAt >= 60, true)
    const at = (await stores.jobs.now()) + 40
    const other = await reached(jobs, await jobs.enqueue(queue, { n: 1 }, { runAt: at }), 'completed')
    equal(other.startedAt! >= at, true)
  },
  async 'runs as many at once as the queue and the principal may, on all replicas together'({
    jobs,
    another,
  }) {
    const gate = Promise.withResolvers<void>()
    const running: string[] = []
    const queue = numbers(
      async (_, { principalId = '' }) => {
        running.push(principalId)
        await gate.promise
      },
      { concurrency: 3, concurrencyPerPrincipal: 1 },
    )
    const replicas = [jobs, another()]
    for (const replica of replicas) replica.define(queue)
    for (const principalId of ['a', 'a', 'a', 'b', 'c', 'd'])
      await jobs.enqueue(queue, { n: 1 }, { principalId })
    for (const replica of replicas) await replica.start()
    await eventually(() => running.length >= 3, 'three running')
    await new Promise((resolve) => setTimeout(resolve, 80))
    equal(running.toSorted(), ['a', 'b', 'c'])
    gate.resolve()
    await eventually(() => running.length === 6, 'all six')
    await replicas[1]!.stop()
  },
  async 'shares jobs among replicas, each to one'({ jobs, another }) {
    const seen: number[] = []
    const queue = numbers(async (n) => void seen.push(n), { concurrency: 8 })
    const replicas = [jobs, another(), another()]
    for (const replica of replicas) {
      replica.define(queue)
      await replica.start()
    }
    const all = Array.from({ length: 40 }, (_, n) => n)
    await Promise.all(all.map((n) => replicas[n % 3]!.enqueue(queue, { n })))
    await eventually(() => seen.length >= 40, 'all of them')
    equal(
      seen.toSorted((a, b) => a - b),
      all,
    )
    for (const replica of replicas.slice(1)) await replica.stop()
  },
  async 'enqueues with a unit of work, or not at all'({ jobs, unitOfWork }) {
    const seen: number[] = []
    const queue = numbers(async (n) => void seen.push(n))
    jobs.define(queue)
    await jobs.start()
    const failing = unitOfWork.run(async (within) => {
      await jobs.enqueue(queue, { n: 1 }, { within })
      throw new Error('no')
    })
    await failing.catch(() => {})
    await unitOfWork.run((within) => jobs.enqueue(queue, { n: 2 }, { within }))
    await eventually(() => seen.length > 0, 'the second')
    equal(seen, [2])
  },
  async 'takes two of one idempotency key for one'({ jobs }) {
    const queue = numbers(async () => {})
    const first = await jobs.enqueue(queue, { n: 1 }, { idempotencyKey: 'k' })
    equal(await jobs.enqueue(queue, { n: 1 }, { idempotencyKey: 'k' }), first)
    equal((await jobs.list({ limit: 9 })).items.length, 1)
  },
  async 'enqueues at each tick of a schedule, once on all replicas'({ jobs, another }) {
    const seen: string[] = []
    const queue = numbers(async (_, { id }) => void seen.push(id))
    const replicas = [jobs, another(), another()]
    for (const replica of replicas)
      replica.schedule({ name: 'each second', queue, payload: { n: 1 }, cron: '* * * * * *' })
    for (const replica of replicas) await replica.start()
    await eventually(() => seen.length >= 2, 'two ticks')
    const { items } = await jobs.list({ limit: 99 })
    const ticks = items.map(({ idempotencyKey }) => Number(idempotencyKey!.split('@')[1]) / 1000)
    equal(new Set(ticks).size, ticks.length)
    equal(ticks.every(Number.isInteger), true)
    for (const replica of replicas.slice(1)) await replica.stop()
  },
  async 'puts back what runs when it stops, for the next process'({ jobs, another }) {
    const started = Promise.withResolvers<void>()
    const slow = numbers(async (_, { signal }) => {
      started.resolve()
      await untilAborted(signal)
    })
    jobs.define(slow)
    await jobs.start()
    const id = await jobs.enqueue(slow, { n: 1 })
    await started.promise
    await jobs.stop()
    equal((await jobs.find(id))?.attempt, 0)
    const next = another()
    next.define(numbers(async () => 'done'))
    await next.start()
    equal((await reached(next, id, 'completed')).result, 'done')
    await next.stop()
  },
}
