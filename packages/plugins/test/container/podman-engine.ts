import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { programPath } from '@covent/testing'
import { runnerDigest, runnerLabel } from '../../src/drivers/container/sandbox-image.ts'
import { sandboxArchive } from './sandbox-root.ts'

const run = promisify(execFile)
const startWithinMs = 15_000
const commandMs = 60_000

export interface PodmanEngine {
  readonly socket: string
  readonly image: string
  stop(): Promise<void>
}

const listening = async (socket: string, service: ChildProcess): Promise<void> => {
  for (let waited = 0; waited < startWithinMs && service.exitCode === null; waited += 50) {
    if (await stat(socket).catch(() => undefined)) return
    await sleep(50)
  }
  throw new Error('podman’s service does not start')
}

const withoutSystemd = '--storage-driver vfs --cgroup-manager cgroupfs --events-backend file'

const flags = (folder: string, runtime: string): readonly string[] =>
  ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--runtime', runtime].concat(
    withoutSystemd.split(' '),
  )

const engineIn = async (folder: string, podman: string, runtime: string): Promise<PodmanEngine> => {
  const socket = join(folder, 'podman.sock')
  const image = 'localhost/covent-sandbox-test'
  const own = flags(folder, runtime)
  const label = `LABEL ${runnerLabel}=${await runnerDigest()}`
  const imported = [...own, 'import', '--change', label, await sandboxArchive(folder), image]
  await run(podman, imported, { timeout: commandMs })
  const service = spawn(podman, [...own, 'system', 'service', '--time', '60', `unix://${socket}`], {
    stdio: 'ignore',
    // What must not get into a container.
    env: { PATH: '/usr/bin:/usr/sbin:/bin', HTTP_PROXY: 'http://host:secret@proxy', HOST_SECRET: 'canary' },
  })
  const exited = once(service, 'exit')
  await listening(socket, service)
  return {
    socket,
    image,
    async stop() {
      service.kill('SIGTERM')
      await exited
      await run(podman, [...own, 'rm', '--all', '--force'], { timeout: commandMs }).catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A Podman of its own, which keeps everything in a folder that goes with it; or why there is none. */
export const podmanEngine = async (): Promise<PodmanEngine | string> => {
  const [podman, runc] = [programPath('podman'), programPath('runc')]
  if (podman === undefined || runc === undefined) return 'needs podman and runc, install podman and runc'
  const folder = await mkdtemp(join(tmpdir(), 'covent-podman-'))
  try {
    return await engineIn(folder, podman, runc)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    return `podman does not start here: ${String(error).slice(0, 200)}`
  }
}
