import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, PluginError } from '@covent/core'
import type { Container } from 'dockerode'
import { openSandbox } from '../../channel/open-sandbox.ts'
import type { Guarantees, IsolationDriver, SandboxSpec, Strength } from '../isolation-driver.ts'
import { type Probed, type ProbeResult, probeSandbox, type SeenKernel } from '../probe.ts'
import { attach } from './attached-channel.ts'
import { type ContainerEngine, containerEngine, type ContainerSettings } from './container-engine.ts'
import { containerGuest } from './container-guest.ts'
import { containerOptions } from './container-options.ts'
import { removeLeftBehind } from './left-behind.ts'
import { startReaper } from './reaper.ts'
import { sandboxImage } from './sandbox-image.ts'
import { seccompProfile } from './seccomp-profile.ts'

interface Parts {
  readonly engine: ContainerEngine
  readonly image: string
}

export interface ContainerDriverOptions {
  readonly level: 'container' | 'vm'
  readonly settings: ContainerSettings
}

const virtualMachines = ['runsc', 'kata', 'kata-runtime']

const gather = async (settings: ContainerSettings): Promise<Parts> => {
  const engine = await containerEngine(settings)
  const image = await sandboxImage(engine, settings.image)
  await removeLeftBehind(engine.docker)
  startReaper(engine.socketPath)
  return { engine, image }
}

/** The OCI runtime of a level; undefined is what the engine does unasked. */
const runtimeFor = (
  { level, settings }: ContainerDriverOptions,
  { runtimes }: ContainerEngine,
): string | undefined => {
  if (level === 'container') return undefined
  const wanted = settings.runtime === undefined ? virtualMachines : [settings.runtime]
  const found = wanted.find((name) => runtimes.includes(name))
  if (found !== undefined) return found
  throw new PluginError(
    'plugin.isolation-unavailable',
    `the container engine has no OCI runtime ${wanted.join(' or ')}; install gVisor (runsc) or Kata Containers and make it known to the engine`,
  )
}

const refused = (cause: unknown): PluginError => {
  const why = cause instanceof Error ? cause.message : 'unknown'
  return new PluginError('plugin.crashed', `the container does not start: ${why}`, { cause })
}

const create = async (
  { engine, image }: Parts,
  spec: SandboxSpec,
  runtime: string | undefined,
): Promise<Container> => {
  if (!engine.isPodman)
    return engine.docker.createContainer(
      containerOptions({ image, runtime, seccomp: seccompProfile() }, spec),
    )
  const folder = await mkdtemp(join(tmpdir(), 'covent-seccomp-'))
  try {
    const seccomp = join(folder, 'seccomp.json')
    await writeFile(seccomp, seccompProfile())
    return await engine.docker.createContainer(containerOptions({ image, runtime, seccomp }, spec))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const exitCode = (container: Container): Promise<number | null> =>
  container.wait({ condition: 'next-exit' }).then(
    ({ StatusCode }: { readonly StatusCode: number }) => StatusCode,
    () => null, // the engine is gone
  )

const run = async (container: Container, { engine }: Parts, clock: Clock) => {
  try {
    const streams = await attach(engine.socketPath, container.id)
    const waited = exitCode(container)
    await container.start()
    return containerGuest(container, { streams, waited }, clock)
  } catch (cause) {
    await container.remove({ force: true, v: true }).catch(() => {}) // why it did not start is what counts
    throw cause
  }
}

/** By the kernel alone; what a container has of its own (`/proc`, `/etc`) is not the host's. */
const probe = (driver: IsolationDriver): Promise<Probed> =>
  probeSandbox(driver, { permissionModel: 'off', hasOwnSystem: true })

/** Podman takes the name of a runtime without a word and uses another one. */
const checkOwnKernel = (own: SeenKernel, others: SeenKernel): void => {
  const isSame = own.release === others.release && Math.abs(own.bootedAt - others.bootedAt) < 2_000
  if (!isSame) return
  throw new PluginError(
    'plugin.isolation-unavailable',
    `the container engine runs the level vm on the kernel of all containers (${own.release})`,
  )
}

const strengths = (found: ProbeResult, { limits }: ContainerEngine): Guarantees => {
  const strength = (held: boolean): Strength => (held ? 'kernel' : 'none')
  return {
    fs: strength(found.fs),
    net: strength(found.net),
    env: strength(found.env),
    signals: strength(found.signals),
    disk: strength(found.disk),
    native: strength(found.native),
    memory: limits.memory ? 'cgroup' : 'heap',
    cpu: limits.cpu ? 'cgroup' : 'none',
    pids: limits.pids ? 'cgroup' : 'none',
  }
}

/**
 * A container of Docker or Podman: no network, nothing writable, no capability, no new privileges, the system-call
 * filter of the level `process`, and limits by cgroup. `vm` is the same under an OCI runtime with a kernel of its own.
 */
export const containerDriver = (options: ContainerDriverOptions, clock: Clock): IsolationDriver => {
  let gathered: Promise<Parts> | undefined
  const driver: IsolationDriver = {
    id: options.level,
    async spawn(spec) {
      const parts = await (gathered ??= gather(options.settings))
      const runtime = runtimeFor(options, parts.engine)
      try {
        const container = await create(parts, spec, runtime)
        return openSandbox(await run(container, parts, clock), spec, clock)
      } catch (cause) {
        throw refused(cause)
      }
    },
    async probe() {
      const { engine } = await (gathered ??= gather(options.settings))
      const found = await probe(driver)
      if (options.level === 'vm') {
        const plain = containerDriver({ ...options, level: 'container' }, clock)
        checkOwnKernel(found.kernel, (await probe(plain)).kernel)
      }
      return strengths(found, engine)
    },
  }
  return driver
}
