import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type FaultProxy,
  faultProxy,
  postgresServer,
  type PostgresProcess,
  redisServer,
  type ServerProcess,
  type ServiceProcess,
  temporaryFolder,
} from '@covent/testing'
import { onTestFinished } from 'vitest'
import { clientOf, serverForAll } from '../e2e/support.ts'

/** How long a server holds its turns in these tests: a dead one's are taken over soon after. */
export const turnLeaseMs = 1_500

/** One of several servers, with a network of its own to each service. */
export interface Replica {
  readonly home: string
  readonly url: string
  readonly server: ServerProcess
  readonly database: FaultProxy
  readonly redis: FaultProxy
  readonly isUp: boolean
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Lets it stand still, with all its connections open. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

export interface Cluster {
  readonly postgres: PostgresProcess
  readonly redis: ServiceProcess
  /** Ends Redis with all that is in it, and starts an empty one at the same address. */
  emptyRedis(pauseMs: number): Promise<void>
  readonly replicas: readonly Replica[]
  /** The key of a user, good on all of them. */
  readonly key: string
  /** One that is up, a different one each time. */
  next(): string
}

const through = (url: string, port: number): string => {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}

interface Services {
  readonly postgres: PostgresProcess
  readonly redisPort: number
  readonly redisUrl: string
  readonly masterKey: string
}

const replicaOn = async ({ postgres, redisPort, redisUrl, masterKey }: Services): Promise<Replica> => {
  const [database, redis] = await Promise.all([faultProxy(postgres.port), faultProxy(redisPort)])
  const home = temporaryFolder()
  const env = {
    COVENT_DATABASE__URL: through(postgres.url, database.port),
    COVENT_REDIS__URL: through(redisUrl, redis.port),
    COVENT_MASTER_KEY: masterKey,
    COVENT_AGENT__TURN_LEASE_MS: String(turnLeaseMs),
    COVENT_RATE_LIMIT__ENABLED: 'false',
  }
  let server = await serverForAll(home, env)
  let isUp = true
  let isPaused = false
  return {
    home,
    database,
    redis,
    get server() {
      return server
    },
    get url() {
      return server.ready.url
    },
    get isUp() {
      return isUp && !isPaused
    },
    async kill() {
      isUp = false
      isPaused = false
      await server.kill()
    },
    async start() {
      server = await serverForAll(home, env)
      isUp = true
    },
    pause() {
      server.signal('SIGSTOP')
      isPaused = true
    },
    resume() {
      if (isPaused) server.signal('SIGCONT')
      isPaused = false
    },
    async stop() {
      await server.kill()
      await Promise.all([database.stop(), redis.stop()])
    },
  }
}

/** Servers over one PostgreSQL and one Redis, all real, ended with the test. */
export const cluster = async (count: number): Promise<Cluster> => {
  const [postgres, firstRedis] = await Promise.all([postgresServer(), redisServer()])
  let redis = firstRedis
  const services = {
    postgres,
    redisPort: redis.port,
    redisUrl: redis.url,
    masterKey: randomBytes(32).toString('base64'),
  }
  const replicas = [await replicaOn(services)]
  while (replicas.length < count) replicas.push(await replicaOn(services))
  const { key } = await clientOf(replicas[0]!.server, replicas[0]!.home)
  let turn = 0
  onTestFinished(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()))
    await Promise.all([postgres.stop(), redis.stop()])
  })
  return {
    postgres,
    get redis() {
      return redis
    },
    async emptyRedis(pauseMs) {
      await redis.stop()
      await sleep(pauseMs)
      redis = await redisServer(services.redisPort)
    },
    replicas,
    key,
    next() {
      const up = replicas.filter(({ isUp }) => isUp)
      return (up[turn++ % up.length] ?? replicas[0]!).url
    },
  }
}
