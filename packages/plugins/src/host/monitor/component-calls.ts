import { AppError, type CallStats } from '@covent/core'
import type { Outcome } from './breaker.ts'
import { type CallTally, callTally } from './call-tally.ts'
import { componentGates, type ComponentGates, type GateOptions } from './component-gates.ts'

/** A component of a plugin: `action/name`. */
export interface Component {
  readonly part: string
  readonly name: string
}

export interface Called<T> extends Component {
  readonly signal: AbortSignal
  call(): Promise<T>
}

/** How a call ended: `isFault` where the plugin is to blame. */
export interface CallEnd extends Component {
  readonly ms: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly isFault: boolean
}

/** Counts the calls of a plugin's components, and refuses those of one that keeps failing. */
export interface ComponentCalls extends Pick<ComponentGates, 'paused'> {
  run<T>(called: Called<T>): Promise<T>
  readonly inFlight: number
  readonly total: CallTally
  parts(): Readonly<Record<string, CallStats>>
}

export interface ComponentCallsOptions extends GateOptions {
  ended(end: CallEnd): void
}

/** Somebody waits for these; the others are the host's own, one at a time. */
const waitedFor = new Set(['action', 'provider', 'evaluator', 'service', 'route', 'available'])
const faults = new Set(['plugin.action-failed', 'plugin.output-invalid', 'plugin.crashed', 'plugin.protocol'])
const partsKept = 200

const told = (error: unknown): { readonly code: string; readonly message: string } =>
  AppError.is(error)
    ? { code: error.code, message: error.message }
    : { code: 'cancelled', message: String(error) }

const outcomeOf = (error: unknown, signal: AbortSignal): Outcome => {
  if (signal.aborted || !AppError.is(error)) return 'neutral'
  if (error.code === 'plugin.timeout') return 'hung'
  return faults.has(error.code) ? 'failed' : 'neutral'
}

export const componentCalls = (options: ComponentCallsOptions): ComponentCalls => {
  const { clock, ended } = options
  const gates = componentGates(options)
  const total = callTally()
  const tallies = new Map<string, CallTally>()
  let inFlight = 0

  const tallyOf = (component: string): CallTally => {
    const known = tallies.get(component)
    if (known !== undefined) return known
    if (tallies.size >= partsKept) return tallyOf('other')
    const made = callTally()
    tallies.set(component, made)
    return made
  }
  const attempt = async <T>({ part, name, signal, call }: Called<T>, done: (outcome: Outcome) => void) => {
    const startedAt = clock.monotonic()
    const note = (outcome: Outcome, error?: ReturnType<typeof told>): void => {
      const ms = clock.monotonic() - startedAt
      for (const tally of [tallyOf(`${part}/${name}`), total]) tally.add(ms, error?.code)
      const isFault = outcome === 'failed' || outcome === 'hung'
      ended({ part, name, ms, isFault, ...(error && { error }) })
      done(outcome)
    }
    try {
      const result = await call()
      note('fine')
      return result
    } catch (error) {
      note(outcomeOf(error, signal), told(error))
      throw error
    }
  }
  return {
    total,
    paused: gates.paused,
    get inFlight() {
      return inFlight
    },
    parts: () => Object.fromEntries([...tallies].map(([component, tally]) => [component, tally.stats()])),
    async run(called) {
      const { part, name } = called
      const done = waitedFor.has(part) ? gates.enter(`${part}/${name}`) : () => {}
      inFlight++
      try {
        return await attempt(called, done)
      } finally {
        inFlight--
      }
    },
  }
}
