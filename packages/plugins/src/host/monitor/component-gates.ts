import { type Clock, type PausedPart, PluginError } from '@covent/core'
import { type Breaker, breaker, type Outcome, type Pause } from './breaker.ts'

/** Refuses calls of a component that keeps failing, and of all where all keep failing. */
export interface ComponentGates {
  /** Lets a call of `action/name` through, and takes how it ended. Throws `plugin.paused`. */
  enter(component: string): (outcome: Outcome) => void
  paused(): readonly PausedPart[]
}

export interface GateOptions {
  readonly clock: Clock
  plugin(): string
  pausedChanged(): void
}

const least = { component: 10, plugin: 40 }

export const componentGates = ({ clock, plugin, pausedChanged: changed }: GateOptions): ComponentGates => {
  const whole = breaker({ clock, least: least.plugin, changed })
  const own = new Map<string, Breaker>()

  const breakerOf = (component: string): Breaker => {
    const known = own.get(component)
    if (known !== undefined) return known
    const made = breaker({ clock, least: least.component, changed })
    own.set(component, made)
    return made
  }
  const pausedPart = (part: string, { reason, triesAt }: Pause): PausedPart => ({
    part,
    reason,
    triesAt: clock.now() + Math.max(0, triesAt - clock.monotonic()),
  })
  const refuse = (part: string, pause: Pause): never => {
    const { triesAt, reason } = pausedPart(part, pause)
    const what = part === 'plugin' ? plugin() : `${plugin()}: ${part}`
    const when = new Date(triesAt).toISOString()
    throw new PluginError('plugin.paused', `${what} is paused, since ${reason}; it is tried again at ${when}`)
  }
  return {
    enter(component) {
      const one = breakerOf(component).enter()
      if (typeof one !== 'function') return refuse(component, one)
      const all = whole.enter()
      if (typeof all === 'function') return (outcome) => (one(outcome), all(outcome))
      one('neutral') // it was let through in vain
      return refuse('plugin', all)
    },
    paused: () =>
      [['plugin', whole] as const, ...own].flatMap(([part, { pause }]) => {
        const found = pause()
        return found === undefined ? [] : [pausedPart(part, found)]
      }),
  }
}
