import { AppError, type Clock, PluginError } from '@covent/core'

/** Something that runs until it ends. */
export interface Running {
  readonly exited: Promise<{ readonly error: PluginError }>
  /** False where the last heartbeat is still unanswered. */
  heartbeat(): boolean
  kill(error: PluginError): void
}

export interface SupervisorOptions {
  readonly name: string
  readonly clock: Clock
  /** From 0 to 1. */
  random(): number
  /** Starts it. A rejection with a code of `finalCodes` is not tried again. */
  launch(): Promise<Running>
  onCrash(error: PluginError): void
  onRefusal(error: PluginError): void
  onQuarantine(error: PluginError): void
}

export interface Supervisor {
  /** Runs until `halt`, a refusal or quarantine. */
  run(): Promise<void>
  /** No restart from now on. */
  halt(): void
}

const heartbeatMs = 5_000
const missesAllowed = 3
const crashesAllowed = 3
const crashWindowMs = 300_000
const healthyMs = 600_000
const leastRestMs = 1_000
const longestRestMs = 60_000

const finalCodes = [
  'config.unreadable',
  'plugin.dependency-missing',
  'plugin.invalid',
  'plugin.isolation-unavailable',
  'plugin.not-allowed',
  'plugin.not-found',
  'plugin.package-invalid',
  'plugin.runtime-unsupported',
  'plugin.signature-missing',
  'plugin.signature-invalid',
  'plugin.signature-untrusted',
  'plugin.integrity-broken',
  'plugin.version-conflict',
]

const asPluginError = (name: string, error: unknown): PluginError =>
  AppError.is(error)
    ? (error as PluginError)
    : new PluginError('plugin.invalid', `${name} cannot be started: ${String(error)}`, { cause: error })

/** Keeps one plugin running: restarts it with full jitter, and gives up on one that crashes again and again. */
export const supervisor = (options: SupervisorOptions): Supervisor => {
  const { name, clock } = options
  const halted = new AbortController()
  let crashes: readonly number[] = []

  const watch = async (running: Running, ended: AbortSignal): Promise<void> => {
    for (let misses = 0; ;) {
      await clock.sleep(heartbeatMs, ended)
      misses = running.heartbeat() ? 0 : misses + 1
      if (misses < missesAllowed) continue
      return running.kill(new PluginError('plugin.crashed', `${name} missed ${misses} heartbeats`))
    }
  }
  const runOnce = async (): Promise<PluginError> => {
    const ended = new AbortController()
    try {
      const running = await options.launch()
      void watch(running, ended.signal).catch(() => {}) // it rejects when it is no longer needed
      return (await running.exited).error
    } catch (error) {
      return asPluginError(name, error)
    } finally {
      ended.abort()
    }
  }
  const restMs = (): number => {
    const cap = Math.min(longestRestMs, leastRestMs * 2 ** crashes.length)
    return leastRestMs + options.random() * (cap - leastRestMs)
  }
  const noteCrash = (startedAt: number): void => {
    const now = clock.monotonic()
    const recent = now - startedAt >= healthyMs ? [] : crashes.filter((at) => now - at < crashWindowMs)
    crashes = [...recent, now]
  }

  return {
    halt: () => halted.abort(),
    async run() {
      while (!halted.signal.aborted) {
        const startedAt = clock.monotonic()
        const error = await runOnce()
        if (halted.signal.aborted) return
        if (finalCodes.includes(error.code)) return options.onRefusal(error)
        noteCrash(startedAt)
        if (crashes.length >= crashesAllowed) return options.onQuarantine(error)
        options.onCrash(error)
        await clock.sleep(restMs(), halted.signal).catch(() => {}) // halted: the loop ends
      }
    },
  }
}
