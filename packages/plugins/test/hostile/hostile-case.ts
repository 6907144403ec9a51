import type { Sandbox, SandboxSpec } from '../../src/drivers/isolation-driver.ts'
import { callAction } from '../../src/testing.ts'
import { escapePlugin, escapes, type EscapeTargets } from '../../src/testing/escapes.ts'
import { hostilePlugin } from '../hostile-plugin.ts'

/** `killed`: the sandbox ended and the host served on. `held`: the attempt failed. */
export type Outcome = 'held' | 'killed' | 'broken'

export interface Arena {
  readonly targets: EscapeTargets
  /** A sandbox without a plugin. */
  spawn(spec?: Partial<SandboxSpec>): Promise<Sandbox>
  open(plugin: string, spec?: Partial<SandboxSpec>): Promise<Sandbox>
}

export interface HostileCase {
  /** Of the case in the list of the design, with a letter where one has several; `X…` for what it does not number. */
  readonly id: string
  /** What the plugin does. */
  readonly title: string
  /** How one would know that it succeeded. */
  readonly success: string
  /** What must become of it in the sandbox `process`. */
  readonly expected: 'held' | 'killed' | 'held or killed'
  /** What it achieves is a time that others take, which other work on the machine lengthens too. */
  readonly isTimed?: true
  /** Tries what only a kernel layer refuses. */
  readonly isNative?: true
  /** Resolves with what happened, `held…` where it failed; rejects where the call failed. */
  drive(arena: Arena): Promise<string>
}

type Told = Pick<HostileCase, 'id' | 'success'> & Partial<Pick<HostileCase, 'expected'>>

/** One of the escapes that the conformance suite tries too. */
export const escape = ({ id, success, expected = 'held' }: Told): HostileCase => {
  const titles = Object.keys(escapes)
  const n = titles.findIndex((title) => title.startsWith(id) || title === success)
  return {
    id,
    title: titles[n]!.replace(/^H\d\d /, ''),
    success,
    expected,
    async drive({ open, targets }) {
      const { file, folder, tcpPort, udpPort, socket, abstract, hostPid } = targets
      const input = { file, folder, tcpPort, udpPort, socket, abstract, hostPid }
      return String(await callAction(await open(escapePlugin), { action: `e${n}`, input }))
    },
  }
}

export interface Way extends Told {
  readonly title: string
  readonly action: string
  readonly input?: unknown
  readonly timeoutMs?: number
  readonly memoryMb?: number
  /** Whether what the action answers shows that it failed. */
  holds?(answer: unknown): boolean
}

/** One of the ways to misbehave of the hostile plugin. */
export const way = (options: Way): HostileCase => {
  const { id, title, success, expected = 'killed', action, input, timeoutMs = 5_000, memoryMb = 32 } = options
  return {
    id,
    title,
    success,
    expected,
    async drive({ open }) {
      const sandbox = await open(hostilePlugin, { memoryMb })
      const answer = await callAction(sandbox, { action, input, timeoutMs })
      const said = JSON.stringify(answer ?? null).slice(0, 80)
      return options.holds?.(answer) === true ? `held: ${said}` : `answered ${said}`
    },
  }
}
