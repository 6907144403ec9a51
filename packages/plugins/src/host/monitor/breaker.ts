import type { Clock } from '@covent/core'

/** How a call ended: `neutral` says nothing about the plugin, such as one that its caller gave up. */
export type Outcome = 'fine' | 'failed' | 'hung' | 'neutral'

/** Why calls are refused, and when one is let through to try. */
export interface Pause {
  readonly reason: string
  /** By the monotonic clock. */
  readonly triesAt: number
}

/** Refuses calls of what keeps failing, so that nobody waits for it. */
export interface Breaker {
  /** Lets a call through, and takes how it ended; or says why not. */
  enter(): ((outcome: Outcome) => void) | Pause
  pause(): Pause | undefined
}

export interface BreakerOptions {
  readonly clock: Clock
  /** Calls that must have been made before their share of failures counts. */
  readonly least: number
  changed(): void
}

const remembered = 20
const memoryMs = 120_000
const share = 0.5
const hungInRow = 3
const restMs = 30_000

interface Ended {
  readonly at: number
  readonly outcome: Outcome
}

const verdict = (ended: readonly Ended[], least: number): string | undefined => {
  const last = ended.slice(-hungInRow)
  if (last.length === hungInRow && last.every(({ outcome }) => outcome === 'hung'))
    return `${hungInRow} calls in a row did not end in time`
  const failed = ended.filter(({ outcome }) => outcome !== 'fine').length
  if (ended.length < least || failed < ended.length * share) return undefined
  return `${failed} of its last ${ended.length} calls failed`
}

export const breaker = ({ clock, least, changed }: BreakerOptions): Breaker => {
  const kept = Math.max(remembered, least)
  let ended: readonly Ended[] = []
  let open: Pause | undefined
  let isTrying = false

  const close = (): void => {
    ended = []
    open = undefined
    changed()
  }
  const trip = (reason: string): void => {
    open = { reason, triesAt: clock.monotonic() + restMs }
    changed()
  }
  const note = (outcome: Outcome): void => {
    if (outcome === 'neutral' || open !== undefined) return // it began before the pause
    const now = clock.monotonic()
    ended = [...ended.filter(({ at }) => now - at < memoryMs), { at: now, outcome }].slice(-kept)
    const reason = outcome === 'fine' ? undefined : verdict(ended, least)
    if (reason !== undefined) trip(reason)
  }
  const tried = (outcome: Outcome): void => {
    isTrying = false
    if (outcome === 'fine') close()
    else if (outcome !== 'neutral' && open !== undefined) trip(open.reason)
  }

  return {
    pause: () => open,
    enter() {
      if (open === undefined) return note
      if (isTrying || clock.monotonic() < open.triesAt) return open
      isTrying = true
      return tried
    },
  }
}
