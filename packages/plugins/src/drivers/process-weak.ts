import { spawn } from 'node:child_process'
import type { Clock } from '@covent/core'
import { childGuest } from '../channel/ends/guest-process.ts'
import { openSandbox } from '../channel/open-sandbox.ts'
import { spawned } from '../channel/ends/process-end.ts'
import { inheritedDescriptors, sealed } from './inherited-descriptors.ts'
import type { IsolationDriver, SandboxSpec } from './isolation-driver.ts'
import { confined, heldBy } from './limits/confined.ts'
import { limitArguments, nodeArguments } from './node-arguments.ts'
import { probeSandbox } from './probe.ts'
import { type IsolationSettings, type Surroundings, surroundings } from './surroundings.ts'
import { systemProgram } from './system-files.ts'

interface Parts extends Surroundings {
  readonly setpriv: string | undefined
  readonly inherited: readonly number[]
}

const gather = async (settings: IsolationSettings): Promise<Parts> => {
  const [around, setpriv, inherited] = await Promise.all([
    surroundings(settings),
    systemProgram('setpriv'),
    inheritedDescriptors(),
  ])
  return { ...around, setpriv, inherited }
}

/** Standard ones and the channel. */
const descriptors = ['ignore', 'pipe', 'pipe', 'pipe'] as const

const command = (
  parts: Parts,
  { memoryMb, fileHandles, permissionModel }: SandboxSpec,
): readonly string[] => [
  ...(parts.setpriv === undefined ? [] : [parts.setpriv, '--pdeathsig', 'KILL', '--no-new-privs']),
  ...(parts.prlimit === undefined ? [] : [parts.prlimit, ...limitArguments(memoryMb, fileHandles)]),
  parts.node,
  ...nodeArguments({ runner: parts.runner, memoryMb, permissionModel }),
]

/** Node's permission model alone, which by Node's own words does not hold malicious code. */
export const weakProcessDriver = (settings: IsolationSettings, clock: Clock): IsolationDriver => {
  let parts: Promise<Parts> | undefined
  const driver: IsolationDriver = {
    id: 'process-weak',
    async spawn(spec) {
      const gathered = await (parts ??= gather(settings))
      const [program, ...args] = command(gathered, spec)
      const child = await spawned(() =>
        sealed(descriptors, gathered.inherited, (stdio) =>
          spawn(program!, args, { cwd: '/', env: {}, detached: true, stdio, ...gathered.user }),
        ),
      )
      const guest = confined(childGuest(child, clock), spec, { groups: gathered.groups, clock })
      return openSandbox(guest, spec, clock)
    },
    async probe() {
      const { groups } = await (parts ??= gather(settings))
      const found = await probeSandbox(driver, { permissionModel: 'on' })
      const strength = (held: boolean) => (held ? 'runtime' : 'none')
      return {
        fs: strength(found.fs),
        net: strength(found.net),
        env: strength(found.env),
        signals: found.signals ? 'kernel' : 'none',
        disk: strength(found.disk),
        native: strength(found.native),
        memory: heldBy(groups, 'memory'),
        cpu: heldBy(groups, 'cpu'),
        pids: groups?.controllers.has('pids') ? 'cgroup' : 'none',
      }
    },
  }
  return driver
}
