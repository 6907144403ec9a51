import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { type Clock, type Logger, PluginError } from '@covent/core'
import { killGroup, spawned } from '../../../channel/ends/process-end.ts'
import { inheritedDescriptors, sealed } from '../../../drivers/inherited-descriptors.ts'
import { seccompProgram } from '../../../drivers/seccomp.ts'
import { systemProgram } from '../../../drivers/system-files.ts'
import { type LentFolder, programBox, runLimits } from './program-box.ts'

export interface ProgramRun {
  /** For messages. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly args: readonly string[]
  readonly stdin: Uint8Array
  readonly timeoutMs: number
  readonly folder: LentFolder | undefined
  readonly signal: AbortSignal
}
export interface ProgramEnd {
  readonly code: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}
export type RunProgram = (run: ProgramRun) => Promise<ProgramEnd>

export interface RunProgramOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Where a program of the system is; looked for in fixed places when absent. */
  readonly find?: (name: string) => Promise<string | undefined>
  /** As whom programs run where the server runs as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

interface Parts {
  readonly bubblewrap: string
  readonly prlimit: string
  readonly filter: Buffer
  readonly inherited: readonly number[]
}

const stdoutCap = 524_288
const stderrCap = 65_536
/** By then there is a process in the box, or there never will be. */
const boxMs = 1_000
/** Standard ones, the arguments of bubblewrap, the filter, and what bubblewrap says of the end. */
const descriptors = ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const

const unavailable = (what: string): PluginError => new PluginError('plugin.isolation-unavailable', what)

const gather = async ({ find = systemProgram }: RunProgramOptions): Promise<Parts> => {
  const isLinux = process.platform === 'linux'
  const [bubblewrap, prlimit] = await Promise.all(['bwrap', 'prlimit'].map((name) => find(name)))
  const filter = seccompProgram(process.arch)
  if (!isLinux || bubblewrap === undefined || prlimit === undefined || filter === undefined)
    throw unavailable(
      'programs run in bubblewrap or not at all: on Linux install it (apt-get install bubblewrap util-linux)',
    )
  return { bubblewrap, prlimit, filter, inherited: await inheritedDescriptors() }
}

const feed = (stream: unknown, bytes: Uint8Array): void => {
  const writable = stream as Writable
  writable.on('error', () => {}) // it ended before it had read everything
  writable.end(bytes)
}

/** Keeps what it writes; one that writes on and on is ended. */
const gathered = (stream: unknown, capBytes: number, onOverflow: () => void): (() => Buffer) => {
  const chunks: Buffer[] = []
  let size = 0
  const readable = stream as Readable
  readable.on('error', () => {}) // what was read before stands
  readable.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > capBytes) onOverflow()
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks)
}

const start = async (
  run: ProgramRun,
  { bubblewrap, prlimit, filter, inherited }: Parts,
  user: RunProgramOptions['user'],
): Promise<ChildProcess> => {
  const box = await programBox({ program: run.path, folder: run.folder })
  const command = [prlimit, ...runLimits, '--', run.path, ...run.args]
  const child = await spawned(() =>
    sealed(descriptors, inherited, (stdio) =>
      spawn(bubblewrap, ['--args', '3', '--', ...command], {
        cwd: '/',
        env: {},
        detached: true,
        stdio,
        ...user,
      }),
    ),
  )
  feed(child.stdio[3], Buffer.from(`${box.join('\0')}\0`))
  feed(child.stdio[4], filter)
  feed(child.stdin, run.stdin)
  return child
}

/** What bubblewrap tells while it runs: the process in the box, as soon as there is one, and how it ended. */
const statusOf = (child: ChildProcess) => {
  const inside = Promise.withResolvers<number | undefined>()
  const readable = (child.stdio as readonly unknown[])[5] as Readable
  let text = ''
  readable.on('error', () => {}) // what was read before stands
  readable.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    const pid = /"child-pid"\s*:\s*(\d+)\D/.exec(text)?.[1]
    if (pid !== undefined) inside.resolve(Number(pid))
  })
  child.once('close', () => inside.resolve(undefined))
  return {
    inside: inside.promise,
    /** Undefined where the program was never started. */
    exitCode: () => /"exit-code"\s*:\s*(\d+)\D/.exec(text)?.[1],
  }
}

/**
 * Ends a run, and says why. bubblewrap dies with its parent, but the first process in the box is told so only some time
 * after it was made: until then it would outlive bubblewrap, so it is killed by itself, and with it all others in there.
 */
const ending = (child: ChildProcess, inside: Promise<number | undefined>, clock: Clock) => {
  let reason: unknown
  const late = (): Promise<undefined> => clock.sleep(boxMs).then(() => undefined)
  return {
    end(why: unknown): void {
      reason ??= why
      void Promise.race([inside, late()]).then((pid) => {
        if (pid !== undefined && child.exitCode === null && child.signalCode === null) killOne(pid)
        killGroup(child)
      })
    },
    check(): void {
      if (reason !== undefined) throw reason
    },
  }
}

const killOne = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

const finish = async (
  child: ChildProcess,
  { name, timeoutMs, signal }: ProgramRun,
  { clock, logger }: RunProgramOptions,
): Promise<ProgramEnd> => {
  const status = statusOf(child)
  const { end, check } = ending(child, status.inside, clock)
  const over = (stream: string, cap: number) => () =>
    end(
      new PluginError(
        'plugin.quota-exceeded',
        `${name} wrote more than ${cap} bytes to ${stream}, and was ended`,
      ),
    )
  const stdout = gathered(child.stdout, stdoutCap, over('stdout', stdoutCap))
  const stderr = gathered(child.stderr, stderrCap, over('stderr', stderrCap))
  const done = new AbortController()
  const late = new PluginError('plugin.timeout', `${name} did not end within ${timeoutMs} ms, and was ended`)
  clock.sleep(timeoutMs, done.signal).then(
    () => end(late),
    () => {}, // it ended in time
  )
  const abort = (): void => end(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  await once(child, 'close')
  done.abort()
  signal.removeEventListener('abort', abort)
  check()
  const code = status.exitCode()
  if (code === undefined) {
    logger.warn('a program could not be put into its box', { name, why: stderr().toString().slice(0, 500) })
    throw unavailable(`${name} could not be put into its box; the server's log says why`)
  }
  return { code: Number(code), stdout: stdout(), stderr: stderr() }
}

/** Runs programs, each in a box of its own; never outside of one. */
export const runProgram = (options: RunProgramOptions): RunProgram => {
  let parts: Promise<Parts> | undefined
  return async (run) => {
    run.signal.throwIfAborted()
    const found = await (parts ??= gather(options))
    await access(run.path, constants.X_OK).catch(() => {
      throw new PluginError(
        'plugin.unavailable',
        `${run.name} is not where plugins.programs says, or is no program`,
      )
    })
    return finish(await start(run, found, options.user), run, options)
  }
}
