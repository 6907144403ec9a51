import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { JobError } from '@covent/core'

/** A program that does a job's work, in a process group of its own. */
export interface Program {
  readonly command: string
  readonly args?: readonly string[]
  readonly cwd?: string
  /** All that it sees of an environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Address space of each of its processes. */
  readonly memoryBytes?: number
  /** Time of the processor, of each of its processes. */
  readonly cpuSeconds?: number
  /** Between the word to end and the end; 2 s. */
  readonly graceMs?: number
  /** Of output and of errors, each; beyond it the program is ended. 1 MiB. */
  readonly outputBytes?: number
}

export interface ProgramEnd {
  readonly output: Buffer
  readonly errors: Buffer
}

/**
 * Ends the whole group when the server is gone, even by SIGKILL, and when the program has ended: the pipe on 3 closes then.
 * Exits 125 where the host cannot set a limit.
 */
const guard = `{ cat <&3; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
[ -z "$1" ] || ulimit -v "$1" || exit 125
[ -z "$2" ] || ulimit -t "$2" || exit 125
shift 2
exec "$@"`

const guarded = ({ command, args = [], memoryBytes, cpuSeconds }: Program): string[] => [
  '-c',
  guard,
  'job',
  memoryBytes === undefined ? '' : String(Math.floor(memoryBytes / 1024)),
  cpuSeconds === undefined ? '' : String(Math.ceil(cpuSeconds)),
  command,
  ...args,
]

const killGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended by itself.
  }
}

const collected = (stream: Readable, { most, over }: { readonly most: number; over(): void }) => {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > most) over()
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks)
}

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const failureOf = ({ command, memoryBytes, cpuSeconds }: Program, exit: Exit, errors: Buffer): JobError => {
  if (exit.code === 125 && (memoryBytes ?? cpuSeconds) !== undefined)
    return new JobError(
      'job.limit-unavailable',
      `This host cannot limit memory or processor time of ${command}`,
    )
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`
  const words = errors.toString('utf8').trim().slice(-500)
  return new JobError('job.program-failed', `${command} ended with ${how}${words && `: ${words}`}`)
}

const started = (program: Program): ChildProcess =>
  spawn('/bin/sh', guarded(program), {
    detached: true,
    cwd: program.cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...program.env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })

/**
 * Runs a program to its end. When the signal aborts, its whole process group is told to end and, after the grace, killed;
 * so it is when this process dies. Throws `job.program-failed`, `job.limit-unavailable`, or the signal's reason.
 */
export const runProgram = (program: Program, signal: AbortSignal): Promise<ProgramEnd> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = started(program)
    const { stdin, stdout, stderr } = child as ChildProcess & {
      stdin: Writable
      stdout: Readable
      stderr: Readable
    }
    const life = child.stdio[3] as Writable
    let killing: NodeJS.Timeout | undefined
    let isOver = false
    const end = (): void => {
      killGroup(child, 'SIGTERM')
      killing = setTimeout(() => killGroup(child, 'SIGKILL'), program.graceMs ?? 2_000)
    }
    const over = (): void => {
      isOver = true
      killGroup(child, 'SIGKILL')
    }
    const limit = { most: program.outputBytes ?? 1_048_576, over }
    const [output, errors] = [collected(stdout, limit), collected(stderr, limit)]
    signal.addEventListener('abort', end, { once: true })
    // The program need not read all of it, or live for so long.
    for (const stream of [stdin, life]) stream.on('error', () => {})
    stdin.end(program.input)
    child.on('error', reject)
    child.on('exit', () => life.destroy())
    child.on('close', (code, by) => {
      clearTimeout(killing)
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(signal.reason as Error)
      else if (isOver) reject(new JobError('job.program-failed', `${program.command} wrote more than it may`))
      else if (code === 0) resolve({ output: output(), errors: errors() })
      else reject(failureOf(program, { code, signal: by }, errors()))
    })
  })
