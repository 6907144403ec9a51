import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { requests } from '../e2e/support.ts'
import { type Cluster, cluster, type Replica } from './cluster.ts'
import { runFaults } from './schedule.ts'
import { checkMessages, checkNotes, settled, type Writer, writer } from './writers.ts'

/** Longer runs: `npm run faults`. */
const seconds = Number(process.env['FAULTS_SECONDS'] ?? 18)
const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000)
const conversations = 4

/** How long a server that is up took to say that it lives, where that was long; asked all the time. */
const watchLife = (replica: Replica) => {
  const slow: number[] = []
  const over = new AbortController()
  let asked = 0
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const wasUp = replica.isUp
      asked++
      const startedAt = performance.now()
      const answer = await fetch(`${replica.url}/health/live`).catch(() => undefined)
      await answer?.arrayBuffer().catch(() => undefined)
      const ms = Math.round(performance.now() - startedAt)
      if (wasUp && replica.isUp && answer !== undefined && ms > 250) slow.push(ms)
      await sleep(50)
    }
  }
  void watch()
  return { slow, asked: () => asked, stop: () => over.abort() }
}

const backToNormal = async (url: string): Promise<number> => {
  const startedAt = performance.now()
  const isReady = async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200
  while (!(await isReady()) && performance.now() - startedAt < 30_000) await sleep(50)
  return performance.now() - startedAt
}

/** Writes by clients that go to whichever server is up, until the work is over. */
const underLoad = async <T>(
  servers: Cluster,
  work: () => Promise<T>,
): Promise<readonly [readonly Writer[], T]> => {
  const { post } = requests(servers.replicas[0]!.url, servers.key)
  const writers: Writer[] = []
  while (writers.length < conversations) {
    const { id } = (await (await post('/api/conversations', {})).json()) as { id: string }
    writers.push(writer(id, servers.next, servers.key))
  }
  const running = Promise.all(writers.map(({ run }) => run()))
  try {
    return [writers, await work()]
  } finally {
    for (const { stop } of writers) stop()
    await running
  }
}

const checkAll = async (servers: Cluster, writers: readonly Writer[]): Promise<void> => {
  const ids = writers.map(({ conversation }) => conversation)
  for (const { url } of servers.replicas) checkMessages(writers, await settled(url, servers.key, ids))
  const { url } = servers.replicas[0]!
  await checkNotes(url, servers.key, await settled(url, servers.key, ids))
}

describeWith('postgres', `three servers over one PostgreSQL and one Redis (seed ${seed})`, () => {
  it(
    'lose no message, double none, keep their order, and are well again soon, whatever fails',
    async () => {
      const servers = await cluster(3)
      const lives = servers.replicas.map(watchLife)
      const told: string[] = [`seed ${seed}`]
      try {
        const [writers, backMs] = await underLoad(servers, async () => {
          await runFaults(servers, { seed, seconds, tell: (what) => told.push(what) })
          return Promise.all(servers.replicas.map(({ url }) => backToNormal(url)))
        })
        expect(Math.max(...backMs)).toBeLessThan(10_000)
        await checkAll(servers, writers)
        const accepted = writers.flatMap(({ sent }) => sent.filter((one) => one.accepted !== undefined))
        expect(accepted.length).toBeGreaterThan(20)
        const slow = lives.flatMap((one) => one.slow)
        const asked = lives.reduce((sum, one) => sum + one.asked(), 0)
        // What shares these cores with three servers, their services and their clients is late now and then.
        expect(slow.length).toBeLessThan(asked / 10)
        console.log(
          `${told.join('; ')}: ${accepted.length} messages, live over 250 ms: ${slow.length} of ${asked} times`,
        )
      } catch (error) {
        throw new Error(`${told.join('; ')}\n${(error as Error).message}`, { cause: error })
      } finally {
        for (const { stop } of lives) stop()
      }
    },
    120_000 + seconds * 3_000,
  )
})
