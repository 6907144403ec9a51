import type { Clock } from '@covent/core'
import type { GuestProcess } from '../../channel/ends/guest-process.ts'
import type { SandboxLimits, SandboxSpec } from '../isolation-driver.ts'

/** Processes that wait for a plugin, which each serves once. */
export interface WarmPool {
  /** One that waits and has these limits, if there is one. */
  take(spec: SandboxSpec): GuestProcess | undefined
  stop(): Promise<void>
}

export interface PoolOptions {
  readonly count: number
  /** Those of all that wait. */
  readonly limits: SandboxLimits
  launch(): Promise<GuestProcess>
  readonly clock: Clock
}

/** A new one is not started while what took the last one still loads. */
const leastRestMs = 1_000
const longestRestMs = 60_000

const isServed = (spec: SandboxSpec, limits: SandboxLimits): boolean =>
  spec.permissionModel === 'on' &&
  spec.memoryMb === limits.memoryMb &&
  spec.cpuPercent === limits.cpuPercent &&
  spec.fileHandles === limits.fileHandles

/** Keeps `count` processes waiting from now on, started one after the other; later and later where they end unused. */
export const warmPool = ({ count, limits, launch, clock }: PoolOptions): WarmPool => {
  const waiting = new Set<GuestProcess>()
  const stopped = new AbortController()
  const { signal } = stopped
  let filling: Promise<void> | undefined
  let failures = 0

  const add = (guest: GuestProcess): void => {
    guest.channel.on('error', () => {}) // its end is what counts
    waiting.add(guest)
    void guest.end.then(() => {
      if (!waiting.delete(guest)) return
      failures++
      refill()
    })
  }
  const work = async (): Promise<void> => {
    while (waiting.size < count) {
      await clock.sleep(Math.min(longestRestMs, leastRestMs * 2 ** failures), signal)
      try {
        add(await launch())
      } catch {
        failures++ // a plugin that needs a process will hear why none starts
      }
    }
  }
  const refill = (): void => {
    if (signal.aborted) return
    filling ??= work()
      .catch(() => {}) // stopped
      .finally(() => {
        filling = undefined
        if (waiting.size < count) refill() // one was taken as the last one came
      })
  }
  refill()
  return {
    take(spec) {
      const [guest] = waiting
      if (guest === undefined || !isServed(spec, limits)) return undefined
      waiting.delete(guest)
      failures = 0
      refill()
      return guest
    },
    async stop() {
      stopped.abort()
      await filling
      const guests = [...waiting]
      waiting.clear()
      for (const { kill } of guests) kill()
      await Promise.all(guests.map(({ end }) => end))
    },
  }
}
