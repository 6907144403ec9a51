import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { type Clock, PluginError } from '@covent/core'
import { childGuest, type GuestProcess } from '../channel/ends/guest-process.ts'
import { openSandbox } from '../channel/open-sandbox.ts'
import { spawned } from '../channel/ends/process-end.ts'
import { bubblewrapArguments, interior } from './bubblewrap.ts'
import { inheritedDescriptors, sealed } from './inherited-descriptors.ts'
import type { Guarantees, IsolationDriver, SandboxLimits, SandboxSpec, Strength } from './isolation-driver.ts'
import { confined, heldBy } from './limits/confined.ts'
import { limitArguments, nodeArguments, processLimit } from './node-arguments.ts'
import { type ProbeResult, probeSandbox } from './probe.ts'
import { seccompProgram } from './seccomp.ts'
import { type IsolationSettings, type Surroundings, surroundings } from './surroundings.ts'
import { sharedLibraries, systemProgram } from './system-files.ts'
import { type WarmPool, warmPool } from './warm/warm-pool.ts'

interface Parts {
  readonly bubblewrap: string
  readonly around: Surroundings
  readonly configuration: Buffer
  readonly filter: Buffer
  readonly inherited: readonly number[]
}

/** What a process is started with; the rest of a sandbox is decided when a plugin comes. */
type LaunchLimits = SandboxLimits & Pick<SandboxSpec, 'permissionModel'>

const unavailable = (what: string): PluginError => new PluginError('plugin.isolation-unavailable', what)

const findBubblewrap = async (): Promise<string> => {
  const path = process.platform === 'linux' ? await systemProgram('bwrap') : undefined
  if (path !== undefined) return path
  throw unavailable('bubblewrap is missing; on Linux install it: apt-get install bubblewrap')
}

const gather = async (settings: IsolationSettings): Promise<Parts> => {
  const filter = seccompProgram(process.arch)
  if (filter === undefined) throw unavailable(`there is no system-call filter for ${process.arch}`)
  const [bubblewrap, around, inherited] = await Promise.all([
    findBubblewrap(),
    surroundings(settings),
    inheritedDescriptors(),
  ])
  const programs = [around.node, ...(around.prlimit === undefined ? [] : [around.prlimit])]
  const libraries = await sharedLibraries(...programs)
  const lines = bubblewrapArguments({ ...around, libraries })
  return { bubblewrap, around, filter, inherited, configuration: Buffer.from(`${lines.join('\0')}\0`) }
}

const command = (
  { prlimit }: Surroundings,
  { memoryMb, fileHandles, permissionModel }: LaunchLimits,
): readonly string[] => [
  ...(prlimit === undefined
    ? []
    : [interior.prlimit, ...limitArguments(memoryMb, fileHandles), processLimit]),
  interior.node,
  ...nodeArguments({ runner: interior.runner, memoryMb, permissionModel }),
]

/** Standard ones, the channel, the arguments of bubblewrap, and the filter. */
const descriptors = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const

const limitsHeld = ({ groups, prlimit }: Surroundings): Pick<Guarantees, 'memory' | 'cpu' | 'pids'> => ({
  memory: heldBy(groups, 'memory'),
  cpu: heldBy(groups, 'cpu'),
  pids: groups?.controllers.has('pids') ? 'cgroup' : prlimit === undefined ? 'none' : 'rlimit',
})

/** What the kernel holds alone, and what only Node's permission model adds. */
const strengths = (
  kernel: ProbeResult,
  runtime: ProbeResult,
): Readonly<Record<keyof ProbeResult, Strength>> => {
  const of = (what: keyof ProbeResult): Strength =>
    kernel[what] ? 'kernel' : runtime[what] ? 'runtime' : 'none'
  return {
    fs: of('fs'),
    net: of('net'),
    env: of('env'),
    signals: of('signals'),
    disk: of('disk'),
    native: of('native'),
  }
}

/** Starts a process in which no plugin runs yet. */
const launchGuest = async (
  { bubblewrap, around, configuration, filter, inherited }: Parts,
  limits: LaunchLimits,
  clock: Clock,
): Promise<GuestProcess> => {
  const child = await spawned(() =>
    sealed(descriptors, inherited, (stdio) =>
      spawn(bubblewrap, ['--args', '4', '--', ...command(around, limits)], {
        cwd: '/',
        env: {},
        detached: true,
        stdio,
        ...around.user,
      }),
    ),
  )
  // bubblewrap starts nothing before it has read its arguments: by then it is in its control group.
  const guest = confined(childGuest(child, clock), limits, { groups: around.groups, clock })
  const [, , , , configurationPipe, filterPipe] = child.stdio as readonly unknown[]
  feed(configurationPipe as Writable | undefined, configuration)
  feed(filterPipe as Writable | undefined, filter)
  return guest
}

/** bubblewrap, a filter of system calls, resource limits, and Node's permission model inside. Linux only. */
export const processDriver = (settings: IsolationSettings, clock: Clock): IsolationDriver => {
  let parts: Promise<Parts> | undefined
  let pool: WarmPool | undefined
  const launch = async (limits: LaunchLimits): Promise<GuestProcess> =>
    launchGuest(await (parts ??= gather(settings)), limits, clock)
  const driver: IsolationDriver = {
    id: 'process',
    async spawn(spec) {
      return openSandbox(pool?.take(spec) ?? (await launch(spec)), spec, clock)
    },
    keepWarm(limits) {
      const kept = warmPool({
        count: settings.warm ?? 0,
        limits,
        launch: () => launch({ ...limits, permissionModel: 'on' }),
        clock,
      })
      pool = kept
      return { [Symbol.asyncDispose]: kept.stop }
    },
    async probe() {
      const { around } = await (parts ??= gather(settings))
      const kernel = await probeSandbox(driver, { permissionModel: 'off' })
      const isHeld = Object.values(kernel).every(Boolean)
      const runtime = isHeld ? kernel : await probeSandbox(driver, { permissionModel: 'on' })
      return { ...strengths(kernel, runtime), ...limitsHeld(around) }
    },
  }
  return driver
}

const feed = (stream: Writable | undefined, bytes: Buffer): void => {
  stream?.on('error', () => {}) // bubblewrap ended before it read: its exit is what is reported
  stream?.end(bytes)
}
