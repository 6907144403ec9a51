import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Replica } from './cluster.ts'
import { turnLeaseMs } from './cluster.ts'

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Fault {
  readonly name: string
  /** Resolves once it is mended. */
  run(cluster: Cluster, replica: Replica): Promise<void>
}

const forSome = async (ms: number, begin: () => void, end: () => void): Promise<void> => {
  begin()
  await sleep(ms)
  end()
}

/** Faults F1 to F11 of the design, as far as one machine can have them. */
export const faults: readonly Fault[] = [
  {
    name: 'a replica is killed and started again',
    async run(_cluster, replica) {
      await replica.kill()
      await sleep(500)
      await replica.start()
    },
  },
  {
    name: 'a replica stands still for longer than it holds its turns',
    run: (_, replica) => forSome(2.5 * turnLeaseMs, replica.pause, replica.resume),
  },
  {
    name: 'a replica is parted from the database',
    run: (_, { database }) => forSome(1.5 * turnLeaseMs, database.partition, database.heal),
  },
  {
    name: 'the database hears a replica and does not reach it',
    run: (_, { database }) => forSome(turnLeaseMs, () => database.blackhole('down'), database.heal),
  },
  {
    name: 'the database does not hear a replica',
    run: (_, { database }) => forSome(turnLeaseMs, () => database.blackhole('up'), database.heal),
  },
  {
    name: 'answers of the database are cut in their middle',
    run: (_, { database }) => forSome(1_000, () => database.cutAfter(40), database.heal),
  },
  {
    name: 'the database is slow',
    run: (_, { database }) => forSome(2_000, () => database.delay(150), database.heal),
  },
  { name: 'PostgreSQL crashes and recovers', run: ({ postgres }) => postgres.restart(300) },
  { name: 'Redis is killed and comes back empty', run: (cluster) => cluster.emptyRedis(1_000) },
  {
    name: 'a replica is parted from Redis',
    run: (_, { redis }) => forSome(2_000, redis.partition, redis.heal),
  },
  {
    name: 'Redis does not answer a replica',
    run: (_, { redis }) => forSome(2_000, () => redis.blackhole(), redis.heal),
  },
  {
    name: 'connections to Redis are reset',
    async run(_, { redis }) {
      redis.reset()
      await sleep(200)
    },
  },
]

export interface Schedule {
  readonly seed: number
  readonly seconds: number
  /** Told of each fault as it begins. */
  tell(fault: string): void
}

/** One fault after another until the time is over, in an order that the seed alone decides. */
export const runFaults = async (cluster: Cluster, { seed, seconds, tell }: Schedule): Promise<void> => {
  const random = seeded(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const startedAt = performance.now()
  while (performance.now() - startedAt < seconds * 1_000) {
    const fault = pick(faults)
    const replica = pick(cluster.replicas)
    tell(`${fault.name} (${cluster.replicas.indexOf(replica)})`)
    await fault.run(cluster, replica)
    await sleep(200 + 800 * random())
  }
}
