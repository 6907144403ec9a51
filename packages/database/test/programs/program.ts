import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'

export interface Program {
  readonly process: ChildProcessByStdio<null, Readable, null>
  /** All lines that it has written so far. */
  readonly lines: string[]
  readonly firstLine: Promise<string>
  readonly ended: Promise<unknown>
}

const node = ['--conditions=@covent/source', '--disable-warning=ExperimentalWarning']

/** Command line of a program of this folder. */
export const commandLine = (name: string, ...args: readonly string[]): [string, ...string[]] => [
  process.execPath,
  ...node,
  join(import.meta.dirname, `${name}.ts`),
  ...args,
]

/** Runs a command; it is killed when the test has finished. */
export const runProgram = ([command, ...args]: readonly [string, ...string[]]): Program => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  return {
    process: child,
    lines,
    firstLine: once(reader, 'line').then(([line]) => String(line)),
    ended: once(child, 'close'),
  }
}
