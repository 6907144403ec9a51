import type { LogFields } from '../runtime/logger.ts'
import { type Token, token } from '../token.ts'
import type { PluginInfo } from './plugin-host.ts'

/** Calls since the server started. Durations come from a histogram: up to a tenth too long, never too short. */
export interface CallStats {
  readonly calls: number
  readonly errors: number
  /** Error code → how often. */
  readonly errorsByCode: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** `memory` is in bytes of its limit, `errors` a share of calls, `latency` a p99 in ms, `denials` requests a minute, `breaker` paused components. */
export type PluginAlert = 'memory' | 'errors' | 'latency' | 'denials' | 'breaker'

export interface RaisedAlert {
  readonly alert: PluginAlert
  readonly value: number
  readonly threshold: number
  readonly since: number
}

/** A component whose calls are refused for a while, since too many of them failed. */
export interface PausedPart {
  /** `action/name`, or `plugin` for all of it. */
  readonly part: string
  readonly reason: string
  /** When the next call is let through to try it. */
  readonly triesAt: number
}

/** What a plugin did and uses. Counts go on over its restarts and updates, and begin anew with the server. */
export interface PluginStats extends Pick<PluginInfo, 'id' | 'version' | 'state'> {
  readonly starts: number
  readonly crashes: number
  /** Processes of it that run now. */
  readonly instances: number
  /** From the start of its process until it was ready; absent where it never was. */
  readonly startMs?: number
  readonly uptimeMs?: number
  /** Since it last gave a sign of life. */
  readonly heartbeatAgeMs?: number
  /** All components together: actions, providers, evaluators, events, services, hooks. */
  readonly total: CallStats
  /** By component, as `action/name`. */
  readonly parts: Readonly<Record<string, CallStats>>
  readonly inFlight: number
  readonly events: { readonly handled: number; readonly lost: number; readonly waiting: number }
  /** Texts of providers with `cacheMs` that were kept, and that had to be asked for. */
  readonly cache: { readonly hits: number; readonly misses: number }
  /** Requests to the host that its grants did not allow. */
  readonly denied: number
  /** Absent where it cannot be told from the host's own. */
  readonly usage?: {
    readonly rssBytes: number
    readonly cpuMs: number
    /** Of one processor, between the last two samples. */
    readonly cpuPercent: number
  }
  /** Bodies and messages that passed the broker, without headers. */
  readonly network: { readonly sentBytes: number; readonly receivedBytes: number }
  readonly storageBytes: number
  readonly paused: readonly PausedPart[]
  readonly alerts: readonly RaisedAlert[]
  readonly lastError?: {
    readonly code: string
    readonly message: string
    readonly where: string
    readonly at: number
  }
}

/** A line that a plugin logged or printed, or that the host logged about it. */
export interface PluginLogLine {
  /** Counts the plugin's lines; a gap is what was forgotten. */
  readonly n: number
  readonly at: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** Tells what plugins do and use. Throws `plugin.not-found` for an id that no plugin has. */
export interface PluginMonitor {
  /** Of all plugins, in the order in which the host lists them. */
  all(): Promise<readonly PluginStats[]>
  stats(id: string): Promise<PluginStats>
  /** The last lines, oldest first: those after line `after`. */
  logs(id: string, after?: number): readonly PluginLogLine[]
  /** As `logs`, and then each new line, until the signal ends it. A reader that is too slow misses lines. */
  follow(
    id: string,
    options: { readonly after?: number; readonly signal: AbortSignal },
  ): AsyncIterable<PluginLogLine>
}
export const PluginMonitor: Token<PluginMonitor> = token('PluginMonitor')
