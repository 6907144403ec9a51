import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { PluginError } from '@covent/core'
import type Dockerode from 'dockerode'

export interface ContainerSettings {
  /** Path of the engine's socket; usual places are looked at when absent. */
  readonly socket?: string | undefined
  /** Name or digest of the sandbox image. */
  readonly image: string
  /** OCI runtime of the level `vm`; the first of `runsc` and `kata` that the engine has, when absent. */
  readonly runtime?: string | undefined
}

export interface ContainerEngine {
  readonly docker: Dockerode
  readonly socketPath: string
  /** It reads a seccomp profile from a file; Docker takes its text. */
  readonly isPodman: boolean
  /** OCI runtimes that it knows by name, installed or not. */
  readonly runtimes: readonly string[]
  /** Which limits it can set. */
  readonly limits: { readonly memory: boolean; readonly cpu: boolean; readonly pids: boolean }
}

const usualPlaces = (): readonly string[] => {
  const ownRun = `/run/user/${process.getuid?.() ?? 0}`
  return [
    '/var/run/docker.sock',
    join(ownRun, 'docker.sock'),
    join(homedir(), '.docker/run/docker.sock'),
    '/run/podman/podman.sock',
    join(ownRun, 'podman/podman.sock'),
  ]
}

const isSocket = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isSocket(),
    () => false,
  )

const findSocket = async (wanted: string | undefined): Promise<string> => {
  const places = wanted === undefined ? usualPlaces() : [wanted]
  for (const path of places) if (await isSocket(path)) return path
  throw new PluginError(
    'plugin.isolation-unavailable',
    `no container engine listens at ${places.join(', ')}; start Docker or Podman, or set isolation.container.socket`,
  )
}

/** Finds the engine and asks what it is. The library is loaded here, since most servers need none. */
export const containerEngine = async ({ socket }: ContainerSettings): Promise<ContainerEngine> => {
  const socketPath = await findSocket(socket)
  const { default: Docker } = await import('dockerode')
  const docker = new Docker({ socketPath, timeout: 30_000 })
  try {
    const [version, info] = await Promise.all([docker.version(), docker.info()])
    const components = (version.Components ?? []) as readonly { readonly Name?: string }[]
    return {
      docker,
      socketPath,
      isPodman: components.some(({ Name }) => Name?.includes('Podman') === true),
      runtimes: Object.keys((info.Runtimes ?? {}) as object),
      limits: {
        memory: info.MemoryLimit === true,
        cpu: info.CpuCfsQuota === true,
        pids: info.PidsLimit === true,
      },
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    const message = `the container engine at ${socketPath} does not answer: ${why}`
    throw new PluginError('plugin.isolation-unavailable', message, { cause })
  }
}
