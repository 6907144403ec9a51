import {
  type ActionCall,
  type Conversation,
  DatabaseError,
  type Message,
  type Stores,
  type Turn,
  type TurnHold,
} from '@covent/core'

interface HeldTurn extends Turn {
  readonly leaseUntil: number
}

export interface Data {
  conversations: ReadonlyMap<string, Conversation>
  messages: readonly Message[]
  turns: readonly HeldTurn[]
  calls: readonly ActionCall[]
  values: ReadonlyMap<string, unknown>
}

const conflict = (what: string): DatabaseError =>
  new DatabaseError('database.conflict', `${what} changed meanwhile.`)

export const replace = <T extends { readonly id: string }>(items: readonly T[], next: T): readonly T[] =>
  items.map((item) => (item.id === next.id ? next : item))

export type Held = { data: Data }

const isHeld = (turn: HeldTurn | undefined, hold: TurnHold): boolean =>
  turn?.state === 'accepted' && turn.fence === hold.fence

export const letGo = (held: Held): void => {
  held.data = { ...held.data, turns: held.data.turns.map((turn) => ({ ...turn, leaseUntil: 0 })) }
}

type Holds = Pick<Stores['turns'], 'lapsed' | 'takeOver' | 'renew' | 'release'>

const holds = (held: Held): Holds => {
  const put = (turn: HeldTurn): void => {
    held.data = { ...held.data, turns: replace(held.data.turns, turn) }
  }
  const lapsed = (): readonly HeldTurn[] =>
    held.data.turns.filter((turn) => turn.state === 'accepted' && turn.leaseUntil <= Date.now())
  return {
    lapsed: async () => lapsed(),
    async takeOver(hold, { owner, leaseMs }) {
      const turn = lapsed().find((one) => one.id === hold.id && isHeld(one, hold))
      if (turn === undefined) return undefined
      const taken = { ...turn, owner, fence: turn.fence + 1, leaseUntil: Date.now() + leaseMs }
      put(taken)
      return taken
    },
    async renew({ owner, leaseMs }) {
      const own = held.data.turns.filter((turn) => turn.state === 'accepted' && turn.owner === owner)
      for (const turn of own) put({ ...turn, leaseUntil: Date.now() + leaseMs })
      return own.map(({ id }) => id)
    },
    async release(hold) {
      const turn = held.data.turns.find(({ id }) => id === hold.id)
      if (isHeld(turn, hold)) put({ ...turn!, leaseUntil: 0 })
    },
  }
}

export const turnStore = (held: Held): Stores['turns'] => ({
  ...holds(held),
  async accept(turn, leaseMs) {
    const isTaken = held.data.turns.some(
      (one) =>
        turn.idempotencyKey !== undefined &&
        one.conversationId === turn.conversationId &&
        one.idempotencyKey === turn.idempotencyKey,
    )
    if (isTaken) throw conflict('The idempotency key')
    held.data = { ...held.data, turns: [...held.data.turns, { ...turn, leaseUntil: Date.now() + leaseMs }] }
  },
  find: async (id) => held.data.turns.find((turn) => turn.id === id),
  findByKey: async (conversationId, key) =>
    held.data.turns.find((turn) => turn.conversationId === conversationId && turn.idempotencyKey === key),
  firstOpen: async (conversationId) =>
    held.data.turns.find((turn) => turn.conversationId === conversationId && turn.state === 'accepted'),
  async next(conversationId, turnId) {
    const own = held.data.turns.filter((turn) => turn.conversationId === conversationId)
    return own[own.findIndex(({ id }) => id === turnId) + 1]
  },
  last: async (conversationId) => held.data.turns.findLast((turn) => turn.conversationId === conversationId),
  async end(hold, end) {
    const turn = held.data.turns.find((one) => one.id === hold.id)
    if (!isHeld(turn, hold)) throw conflict('The turn')
    held.data = { ...held.data, turns: replace(held.data.turns, { ...turn!, ...end }) }
  },
  async startCalls(hold, calls) {
    if (
      !isHeld(
        held.data.turns.find(({ id }) => id === hold.id),
        hold,
      )
    )
      throw conflict('The turn')
    held.data = { ...held.data, calls: [...held.data.calls, ...calls] }
  },
  async endCall(hold, id, { outcome, endedAt }) {
    const call = held.data.calls.find((one) => one.id === id)
    const turn = held.data.turns.find((one) => one.id === hold.id)
    if (call?.state !== 'started' || turn?.fence !== hold.fence) return
    held.data = { ...held.data, calls: replace(held.data.calls, { ...call, ...outcome, endedAt }) }
  },
  calls: async (turnId) =>
    held.data.calls
      .filter((call) => call.turnId === turnId)
      .toSorted((a, b) => a.step - b.step || a.position - b.position),
})
