import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type ServerProcess, serverProcess } from '../../packages/testing/src/server-process.ts'

export const root: string = join(import.meta.dirname, '..', '..')
const source = ['--conditions=@covent/source', '--disable-warning=ExperimentalWarning']

/** Starts a small program that prints its port first. */
export const program = async (file: string): Promise<{ port: number; pid: number; stop(): void }> => {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, file)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout! })) {
    return { port: Number(line), pid: child.pid!, stop: () => void child.kill('SIGKILL') }
  }
  throw new Error(`${file} ended before it said its port`)
}

export interface BenchServer extends ServerProcess {
  readonly home: string
  readonly port: number
  readonly key: string
  remove(): Promise<void>
}

export const commands = {
  source: [process.execPath, ...source, '--disable-sigusr1', join(root, 'apps/server/src/main.ts')],
  built: [process.execPath, '--disable-sigusr1', join(root, 'apps/server/dist/main.js')],
} as const

/** A server in a new home, with a key of role user. */
export const coventServer = async (env: Readonly<Record<string, string>> = {}): Promise<BenchServer> => {
  const home = mkdtempSync(join(tmpdir(), 'covent-bench-'))
  const server = await serverProcess({
    command: commands.built,
    home,
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/covent-bench'), ...env },
  })
  const { key } = await overSocket<{ key: string }>(home, '/api/keys', { name: 'bench', role: 'user' })
  const remove = async (): Promise<void> => {
    await server.kill()
    rmSync(home, { recursive: true, force: true })
  }
  return { ...server, home, key, port: Number(new URL(server.ready.url).port), remove }
}

export const overSocket = <T>(home: string, path: string, body: unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', host: 'localhost' }
    const sent = request(
      { socketPath: join(home, 'run', 'admin.sock'), method: 'POST', path, headers },
      async (response) => {
        resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()) as T)
      },
    )
    sent.on('error', reject).end(JSON.stringify(body))
  })
