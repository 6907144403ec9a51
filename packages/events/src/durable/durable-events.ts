import {
  type Clock,
  type DurableEvents,
  type DurableHandler,
  eventClasses,
  type Logger,
  type Metrics,
  noMetrics,
  type Service,
  silentLogger,
  type Stores,
  systemClock,
  type UnitOfWork,
} from '@covent/core'
import type { NoticeCarrier } from './carrier.ts'
import { type Consumer, consumer } from './consumer.ts'
import { measureDepths } from './depths.ts'
import { repeat } from './repeat.ts'

export interface DurableEventsOptions {
  readonly stores: Pick<Stores, 'outbox'>
  readonly unitOfWork: UnitOfWork
  /** Names this process among the replicas; of each start a new one. */
  readonly replica: string
  /** Tells other replicas of what is due; without it they find out by polling. */
  readonly carrier?: NoticeCarrier | undefined
  readonly logger?: Logger
  readonly metrics?: Metrics
  readonly clock?: Clock
  /** How often each consumer looks for itself; 1,000 when absent. */
  readonly pollMs?: number
  /** How long an event stays in the hand of a process that does not answer; 30,000 when absent. */
  readonly leaseMs?: number
  /** How long an event that this version does not understand rests; 30,000 when absent. */
  readonly parkMs?: number
  /** The pause after a failed attempt; 1 s and twice as long each time, up to 5 min, when absent. */
  readonly pauseMs?: (attempt: number) => number
  /** How long a stop waits for what is in hand; 5,000 when absent. */
  readonly stopMs?: number
}

export interface RunningDurableEvents extends DurableEvents, Service {
  start(): Promise<void>
  stop(): Promise<void>
}

interface Registration {
  readonly name: string
  readonly types: readonly string[]
  readonly handler: DurableHandler
}

const depthsEveryMs = 15_000

const notDurable = (name: string, type: string): TypeError =>
  new TypeError(`${name}: "${type}" is no durable event; listen to the bus, or declare it in eventClasses`)

const checkTypes = (name: string, types: readonly string[]): void => {
  const other = types.find((type) => eventClasses[type as keyof typeof eventClasses]?.class !== 'durable')
  if (other !== undefined) throw notDurable(name, other)
}

/** The consumers that were added, each once and for durable events. */
const registry = () => {
  const byName = new Map<string, Registration>()
  const consume: DurableEvents['consume'] = (name, types, given) => {
    checkTypes(name, types)
    if (byName.has(name)) throw new TypeError(`there is a consumer "${name}" already`)
    const handler = typeof given === 'function' ? { commit: given } : given
    byName.set(name, { name, types, handler: handler as DurableHandler })
  }
  return { byName, consume }
}

/** Deals with the events of an outbox in this process, together with all others on the same database. */
export const durableEvents = (options: DurableEventsOptions): RunningDurableEvents => {
  const { stores, unitOfWork, replica: owner, carrier } = options
  const { pollMs = 1_000, leaseMs = 30_000, parkMs = 30_000, stopMs = 5_000, pauseMs } = options
  const { clock = systemClock, logger = silentLogger, metrics = noMetrics } = options
  const { outbox } = stores
  const { byName, consume } = registry()
  const running = new Map<string, Consumer>()
  const ending = new AbortController()
  const loops: Promise<void>[] = []
  let subscription: Disposable | undefined

  const begin = async ({ name, types, handler }: Registration): Promise<void> => {
    await outbox.subscribe(name, types)
    const rules = { name, types: new Set(types), handler, owner, leaseMs, parkMs, pauseMs }
    running.set(name, consumer({ outbox, unitOfWork, clock, logger, metrics }, rules))
  }
  /** A consumer of this process is woken; where it is busy or elsewhere, another replica is told. */
  const due = (consumers: readonly string[]): void => {
    for (const name of consumers) {
      const here = running.get(name)
      if (here?.hasRoom() !== true) carrier?.notify(name)
      here?.wake()
    }
  }
  const wakeAll = (): void => running.forEach((one) => one.wake())
  const all = <T>(work: (one: Consumer) => Promise<T>) => Promise.all([...running.values()].map(work))
  const loop = (everyMs: number, work: () => Promise<unknown> | void): void =>
    void loops.push(repeat({ clock, everyMs, signal: ending.signal }, work))
  return {
    name: 'durable events',
    consume,
    stats: () => Object.fromEntries([...running].map(([name, one]) => [name, one.stats()])),
    async start() {
      for (const one of byName.values()) await begin(one)
      subscription = outbox.onDue(due)
      carrier?.listen({
        consumers: [...running.keys()],
        hasRoom: (name) => running.get(name)?.hasRoom() ?? false,
        due: (name) => running.get(name)?.wake(),
      })
      await carrier?.start?.()
      wakeAll()
      loop(pollMs, wakeAll)
      loop(leaseMs / 3, () => all((one) => one.renew()))
      loop(depthsEveryMs, () => measureDepths({ outbox, metrics, clock, consumers: running.keys() }))
    },
    async stop() {
      ending.abort()
      subscription?.[Symbol.dispose]()
      await carrier?.stop?.()
      await Promise.all(loops)
      await all((one) => one.stop(stopMs))
    },
  }
}
