import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../src/run.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const gathered = (stream: PassThrough): (() => string) => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}

/** A command on that home, with its streams in hand. */
export const command = (home: string, words: readonly string[], isTTY = false) => {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode() {} })
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const [out, err] = [gathered(stdout), gathered(stderr)]
  const env = { ...process.env, COVENT_HOME: home, COVENT_HTTP__PORT: '0' }
  const ended = run(words, { env, stdin, stdout, stderr })
  return {
    stdin,
    out,
    /** Resolves once that stands on stdout. */
    async shows(text: string): Promise<void> {
      while (!out().includes(text)) await sleep(5)
    },
    ended: ended.then((code): Ran => ({ code, stdout: out(), stderr: err() })),
  }
}

/** Runs a command to its end; `input` is all of its stdin. */
export const covent = (home: string, words: readonly string[], input = ''): Promise<Ran> => {
  const running = command(home, words)
  running.stdin.end(input)
  return running.ended
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what the command prints
export const json = <T>({ stdout }: Ran): T => JSON.parse(stdout) as T
