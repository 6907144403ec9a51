import type { EventMap, Turn, TurnEvent } from '@covent/core'
import type { LiveTurn, Telling } from '../turn/live-turn.ts'

type Told = EventMap['agent.turn.told']

/** A turn that another replica answers, and what of it was told to readers here. */
export interface FollowedTurn {
  readonly live: LiveTurn
  /** Takes a piece that the owner told; false where something before it is missing. */
  add(told: Told): boolean
  /** Begins again where it has another owner. */
  check(turn: Turn): void
  /** What readers have not got of that, which is all of it. */
  rest(shown: readonly TurnEvent[]): readonly TurnEvent[]
}

const compare = ({ entry, characters }: Told, { place }: Telling): number =>
  entry - place.entry || characters - place.characters

const actionKey = (event: Extract<TurnEvent, { kind: 'action' }>): string => `${event.id} ${event.state}`

export const followedTurn = (live: LiveTurn): FollowedTurn => {
  let text = ''
  const actions = new Set<string>()
  const push = (event: TurnEvent): void => {
    if (event.kind === 'delta') text += event.text
    if (event.kind === 'action') actions.add(actionKey(event))
    live.stream.push(event)
  }
  return {
    live,
    add(told) {
      const { event } = told
      const ahead = compare(told, live.told)
      if (ahead > 0) return false
      if (event.kind === 'over') return true
      if (ahead === 0) push(event as TurnEvent)
      else if (event.kind === 'delta' && told.entry === live.told.place.entry) {
        const missing = event.text.slice(live.told.place.characters - told.characters)
        if (missing !== '') push({ kind: 'delta', text: missing })
      }
      return true
    },
    check(turn) {
      if (turn.fence === live.turn.fence) return
      text = ''
      actions.clear()
      live.restart(turn)
    },
    rest: (shown) =>
      shown.flatMap((event): readonly TurnEvent[] => {
        if (event.kind === 'action') return actions.has(actionKey(event)) ? [] : [event]
        if (event.kind !== 'delta' || !event.text.startsWith(text)) return [event]
        return event.text === text ? [] : [{ kind: 'delta', text: event.text.slice(text.length) }]
      }),
  }
}
