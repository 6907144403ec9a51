import type { CallContext, IsolationLevel, Logger, PluginError, Metrics, SecretMask } from '@covent/core'
import type { HostMessage } from '@covent/plugin-sdk/protocol'

export type Strength = 'kernel' | 'runtime' | 'none'

/** What a driver was seen to hold on this machine, and by which layer. */
export interface Guarantees {
  readonly fs: Strength
  readonly net: Strength
  readonly env: Strength
  readonly signals: Strength
  /** Against native code: the filter of system calls, or only the refusal to load any. */
  readonly native: Strength
  readonly memory: 'cgroup' | 'watchdog' | 'heap' | 'none'
  readonly cpu: 'cgroup' | 'watchdog' | 'none'
  readonly pids: 'cgroup' | 'rlimit' | 'none'
  readonly disk: Strength
}

export interface BrokerRequest {
  /** The call on whose behalf the plugin asks, as the host keeps it. */
  readonly call: CallContext
  /** Counts the requests of that call from 0. */
  readonly n: number
  readonly method: string
  readonly params: unknown
  /** Aborts when the call has ended, however it ended. */
  readonly signal: AbortSignal
}

export interface SandboxLimits {
  /** On top of what an idle runner uses. */
  readonly memoryMb: number
  /** Of one processor, in the mean; 100 when absent. */
  readonly cpuPercent?: number
  /** Open files; 64 when absent. */
  readonly fileHandles?: number
  /** Of its actions and services; no limit when absent. */
  readonly callsPerSecond?: number
}

export interface SandboxSpec extends SandboxLimits {
  /** For logs and messages. */
  readonly name: string
  /** `off` only to probe what the kernel holds alone. */
  readonly permissionModel: 'on' | 'off'
  readonly logger: Logger
  /** Takes what it counts and measures itself. */
  readonly metrics?: Pick<Metrics, 'count' | 'observe'> | undefined
  /** Hides secrets that it was given in what it says when it fails. */
  readonly mask?: Pick<SecretMask, 'text'> | undefined
  /** Answers what the plugin asks for; an `AppError` of it is shown to the plugin. */
  broker(request: BrokerRequest): Promise<unknown>
}

export interface CallOptions {
  /** Which component of the plugin; an action when absent. */
  readonly part?: Extract<HostMessage, { kind: 'call' }>['part']
  readonly context: CallContext
  /** Infinity for a call that is open until its signal aborts. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress?: ((text: string) => void) | undefined
}

export interface ExitReason {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why the host ended it, or what its end means. */
  readonly error: PluginError
}

export interface Usage {
  /** Resident memory. */
  readonly rssBytes: number
  /** Time on a processor since it started. */
  readonly cpuMs: number
}

/** One process for one plugin; never reused for another. */
export interface Sandbox {
  readonly pid: number | undefined
  /** Hands it the plugin's source and resolves with its description of itself, which is not yet parsed. */
  load(source: string, timeoutMs: number): Promise<unknown>
  /** Says as whom it runs and what was granted; once, before the first call. */
  start(plugin: string, grants: readonly string[]): void
  /** Says what is granted from now on, in place of what was. */
  grant(grants: readonly string[]): void
  call(action: string, input: unknown, options: CallOptions): Promise<unknown>
  /** False where it has not answered the last one yet. */
  heartbeat(): boolean
  /** What its processes use now; undefined where that cannot be told from the host's own. */
  usage(): Promise<Usage | undefined>
  /** Asks it to end, and kills it after `graceMs`. */
  stop(graceMs: number): Promise<void>
  /** Kills its process group; what is in flight fails with `error`. */
  kill(error: PluginError): void
  readonly exited: Promise<ExitReason>
}

/** A way to run plugins apart from the host. */
export interface IsolationDriver {
  readonly id: Exclude<IsolationLevel, 'unavailable'>
  /** Tries to break out of its own sandboxes and says what held; rejects where no sandbox starts. */
  probe(): Promise<Guarantees>
  spawn(spec: SandboxSpec): Promise<Sandbox>
  /** Keeps processes of these limits waiting, so that `spawn` need not start one; stops when that is disposed. */
  keepWarm?(limits: SandboxLimits): AsyncDisposable
}
