import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

export interface ServerProcess {
  /** Fields of the ready line. */
  readonly ready: {
    readonly pid: number
    readonly url: string
    readonly startupMs: number
    readonly isolation: string
  } & Readonly<Record<string, unknown>>
  /** Every line of stdout and stderr so far. */
  readonly lines: readonly string[]
  /** Sends a signal to the server itself. */
  signal(signal: NodeJS.Signals): void
  /** Resolves with exit code and signal of the process that was started. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Ends it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>
  /** Ends it with SIGTERM and resolves with its exit code. */
  stop(): Promise<number | null>
}

export interface ServerCommand {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]]
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** How long it may take until it is ready; 20 s. */
  readonly readyWithinMs?: number
}

/** Starts a server as users do, as a process on a free port, and resolves once it says that it is ready. */
export const serverProcess = async (options: ServerCommand): Promise<ServerProcess> => {
  const child = spawn(options.command[0], options.command.slice(1), {
    cwd: options.cwd,
    env: {
      NODE_COMPILE_CACHE: compileCache,
      ...cleanEnvironment(),
      COVENT_HOME: options.home,
      COVENT_HTTP__PORT: '0',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  const ready = await readyLine(child, lines, options.readyWithinMs ?? 20_000)
  const signal = (name: NodeJS.Signals): void => void process.kill(ready.pid, name)
  return {
    ready,
    lines,
    exited,
    signal,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) signal('SIGKILL')
      await exited
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) signal('SIGTERM')
      return (await exited).code
    },
  }
}

/** Shared by all servers of tests, so that only the first compiles. */
export const compileCache: string = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'node_modules',
  '.cache',
  'covent-compile',
)

const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('COVENT_') && !name.startsWith('VITEST')),
  )

const readyLine = (child: ChildProcess, lines: string[], withinMs: number): Promise<ServerProcess['ready']> =>
  new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      child.kill('SIGKILL')
      reject(new Error(`the server ${reason}:\n${lines.join('\n')}`))
    }
    const timer = setTimeout(() => fail(`was not ready after ${withinMs} ms`), withinMs)
    child.once('error', (error) => fail(error.message))
    child.once('close', (code, signal) => fail(`ended with ${code ?? signal} before it was ready`))
    const onLine = (line: string): void => {
      lines.push(line)
      if (!line.includes('"msg":"ready"')) return
      clearTimeout(timer)
      resolve(JSON.parse(line) as ServerProcess['ready'])
    }
    createInterface({ input: child.stdout! }).on('line', onLine)
    createInterface({ input: child.stderr! }).on('line', (line) => lines.push(line))
  })
