import { hostname } from 'node:os'
import type { ContainerCreateOptions } from 'dockerode'
import type { SandboxSpec } from '../isolation-driver.ts'
import { nodeArguments } from '../node-arguments.ts'

export interface ContainerParts {
  readonly image: string
  readonly runtime: string | undefined
  /** Path or text of the profile, as the engine wants it. */
  readonly seccomp: string
}

export const sandboxLabel = 'covent.sandbox'
const interior = { node: '/app/node', runner: '/app/runner.mjs' } as const
/** Of Node, the SDK and zod, beside which a plugin has what its limit says. */
const memoryFloorMb = 128
const bytesPerMb = 1_048_576
const readOnly = 'ro,size=4k'

const ulimit = (name: string, most: number) => ({ Name: name, Soft: most, Hard: most })

/** Whose container it is: a server that died cannot remove its own. */
export const ownerLabel = (): string => `${hostname()}:${process.pid}`

const hostOptions = (
  { runtime, seccomp }: ContainerParts,
  { memoryMb, cpuPercent = 100, fileHandles = 64 }: SandboxSpec,
): ContainerCreateOptions['HostConfig'] => ({
  NetworkMode: 'none',
  IpcMode: 'none',
  ReadonlyRootfs: true,
  // Podman makes these writable in a read-only container.
  Tmpfs: { '/run': readOnly, '/tmp': readOnly, '/var/tmp': readOnly },
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges', `seccomp=${seccomp}`],
  Memory: (memoryFloorMb + memoryMb) * bytesPerMb,
  MemorySwap: (memoryFloorMb + memoryMb) * bytesPerMb,
  NanoCpus: cpuPercent * 10_000_000,
  PidsLimit: 64,
  // The limit of processes counts all of that user on this machine; PidsLimit is what holds.
  Ulimits: [ulimit('nofile', fileHandles), ulimit('nproc', 1_024), ulimit('core', 0), ulimit('fsize', 0)],
  LogConfig: { Type: 'none', Config: {} },
  ...(runtime !== undefined && { Runtime: runtime }),
})

/** A container that has nothing but Node and the runner, and its standard streams for a channel. */
export const containerOptions = (parts: ContainerParts, spec: SandboxSpec): ContainerCreateOptions => {
  const { memoryMb, permissionModel } = spec
  return {
    Image: parts.image,
    Entrypoint: [interior.node],
    Cmd: [...nodeArguments({ runner: interior.runner, memoryMb, permissionModel }), 'standard-streams'],
    Env: [],
    User: '65534:65534',
    WorkingDir: '/app',
    Hostname: 'plugin',
    NetworkDisabled: true,
    Labels: { [sandboxLabel]: ownerLabel() },
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: hostOptions(parts, spec),
  }
}
