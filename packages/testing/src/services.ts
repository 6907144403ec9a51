import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { programPath } from './needs.ts'

export interface ServiceProcess {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** A real Redis without persistence, on a free port or on that one. */
export const redisServer = async (wantedPort?: number): Promise<ServiceProcess> => {
  const port = wantedPort ?? (await freePort())
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn(programPath('redis')!, words, { stdio: 'ignore' })
  return running(child, { port, url: `redis://127.0.0.1:${port}`, isReady: () => answers(port) })
}

export interface PostgresProcess extends ServiceProcess {
  /** Ends it as a crash does, and starts it again at the same address with the same data after `pauseMs`. */
  restart(pauseMs?: number): Promise<void>
}

/** A real PostgreSQL in a new folder on a free port, with a database `covent` and trust on loopback. */
export const postgresServer = async (): Promise<PostgresProcess> => {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'covent-postgres-'))
  const owner = unprivileged()
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const bin = dirname(realpathSync(programPath('postgres')!))
  const words = ['-D', folder, '-U', 'covent', '--auth=trust', '--no-sync', '--encoding=UTF8']
  execFileSync(join(bin, 'initdb'), words, { ...owner, stdio: 'ignore' })
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    // What is committed survives the death of its processes, not that of the machine.
    'fsync=off',
  ].flatMap((setting) => ['-c', setting])
  // It takes connections while it still starts, and refuses what they ask.
  const isReady = async (): Promise<boolean> =>
    spawnSync(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0
  const url = `postgres://covent@127.0.0.1:${port}/postgres`
  const start = (): Promise<ServiceProcess> => {
    const child = spawn(join(bin, 'postgres'), ['-D', folder, ...settings], { ...owner, stdio: 'ignore' })
    return running(child, { port, url, isReady })
  }
  let current = await start()
  return {
    url,
    port,
    get pid() {
      return current.pid
    },
    async restart(pauseMs = 0) {
      await current.stop()
      await sleep(pauseMs)
      current = await start()
    },
    async stop() {
      await current.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root: its own user is taken then. */
const unprivileged = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

interface Running {
  readonly port: number
  readonly url: string
  isReady(): Promise<boolean>
}

const running = async (child: ChildProcess, { port, url, isReady }: Running): Promise<ServiceProcess> => {
  const exited = once(child, 'exit')
  for (let tries = 0; !(await isReady()); tries++) {
    if (tries === 200 || child.exitCode !== null) throw new Error(`${url} does not answer`)
    await sleep(50)
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGQUIT')
    await exited
  }
  return { url, port, pid: child.pid!, stop }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
