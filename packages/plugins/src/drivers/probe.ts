import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PluginError, silentLogger } from '@covent/core'
import * as z from 'zod'
import type { IsolationDriver, Sandbox } from './isolation-driver.ts'
import { probePlugin } from './probe-plugin.ts'

/** Whether each kind of attempt failed. */
export interface ProbeResult {
  readonly fs: boolean
  readonly net: boolean
  readonly env: boolean
  readonly signals: boolean
  readonly disk: boolean
  readonly native: boolean
}

export interface Probed extends ProbeResult {
  /** The kernel that it sees. */
  readonly kernel: SeenKernel
}

export interface SeenKernel {
  readonly release: string
  readonly bootedAt: number
}

export interface ProbeOptions {
  readonly permissionModel: 'on' | 'off'
  /** It has a /proc and an /etc of its own, which tell nothing of the host. */
  readonly hasOwnSystem?: boolean
}

const attempts = z.object({
  fs: z.array(z.string()),
  disk: z.array(z.string()),
  net: z.string(),
  signals: z.string(),
  env: z.array(z.string()),
  native: z.string(),
  parent: z.number(),
  release: z.string(),
  bootedAt: z.number(),
})

const systemFiles = ['/etc/passwd', '/proc/1/environ', '/proc/self/environ', '/proc/self/mem']

const broken = 'broken'
const timeoutMs = 10_000

interface Bait {
  readonly folder: string
  readonly file: string
  readonly port: number
  hits(): number
  [Symbol.asyncDispose](): Promise<void>
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port))
  })

/** A file that anyone may read, a folder that anyone may write, and a listener that counts. */
const bait = async (): Promise<Bait> => {
  const folder = await mkdtemp(join(tmpdir(), 'covent-probe-'))
  const file = join(folder, 'canary')
  let hits = 0
  const server = createServer((socket) => {
    hits++
    socket.destroy()
  })
  const [port] = await Promise.all([listen(server), writeFile(file, 'canary'), chmod(folder, 0o777)])
  return {
    folder,
    file,
    port,
    hits: () => hits,
    async [Symbol.asyncDispose]() {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Low numbers exist in every process namespace, so there the parent tells whose namespace it is. */
const signalHeld = (code: string, parent: number, sandbox: Sandbox): boolean =>
  code !== broken || (process.pid <= 64 && parent <= 1 && sandbox.pid !== 1)

const runProbe = async (
  sandbox: Sandbox,
  { file, folder, port, hits }: Bait,
  { hasOwnSystem = false }: ProbeOptions,
): Promise<Probed> => {
  await sandbox.load(probePlugin, timeoutMs)
  sandbox.start('covent.probe', [])
  const context = { callId: 'probe', turnId: 'probe', principalId: 'probe', character: 'probe' }
  const { signal } = new AbortController()
  const output = await sandbox.call(
    'try',
    { files: [file, ...(hasOwnSystem ? [] : systemFiles)], folder, port, pid: process.pid },
    { context, timeoutMs, signal },
  )
  const found = attempts.parse(output)
  return {
    fs: !found.fs.includes(broken),
    disk: !found.disk.includes(broken),
    net: found.net !== broken && hits() === 0,
    signals: signalHeld(found.signals, found.parent, sandbox),
    env: found.env.length === 0,
    // Without the permission model only the filter answers EPERM; with it, what counts is that nothing native loads.
    native: found.native !== broken && (found.net === 'EPERM' || found.native === 'ERR_DLOPEN_DISABLED'),
    kernel: { release: found.release, bootedAt: found.bootedAt },
  }
}

/** Starts a sandbox, lets it try to break out, and ends it. */
export const probeSandbox = async (driver: IsolationDriver, options: ProbeOptions): Promise<Probed> => {
  const { permissionModel } = options
  await using target = await bait()
  const broker = (): Promise<never> =>
    Promise.reject(new PluginError('plugin.permission-denied', 'a probe may do nothing'))
  const name = `probe of ${driver.id}`
  const sandbox = await driver.spawn({ name, memoryMb: 64, permissionModel, logger: silentLogger, broker })
  try {
    return await runProbe(sandbox, target, options)
  } finally {
    sandbox.kill(new PluginError('plugin.unavailable', 'the probe is done'))
  }
}
