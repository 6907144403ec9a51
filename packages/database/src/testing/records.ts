import type { ActionCall, Conversation, KeyRecord, Message, Stores, Turn, TurnHold } from '@covent/core'

/** A conversation with the id `c1` of the principal `p1`, unless told otherwise. */
export const conversation = (fields: Partial<Conversation> = {}): Conversation => ({
  id: 'c1',
  principalId: 'p1',
  character: 'covent',
  createdAt: 1000,
  ...fields,
})

/** The user's message of turn `t1`. */
export const message = (fields: Partial<Message> = {}): Message => ({
  id: 'm1',
  conversationId: 'c1',
  turnId: 't1',
  role: 'user',
  text: 'Hello',
  createdAt: 1000,
  status: 'accepted',
  ...fields,
})

export const turn = (fields: Partial<Turn> = {}): Turn => ({
  id: 't1',
  conversationId: 'c1',
  principalId: 'p1',
  character: 'covent',
  model: 'rules',
  messageId: 'm1',
  state: 'accepted',
  owner: 'replica1',
  fence: 1,
  createdAt: 1000,
  ...fields,
})

/** How long a turn is held, unless told otherwise: for all of a test. */
export const leaseMs = 60_000

/** The first owner's hold on a turn. */
export const hold = (id = 't1'): TurnHold => ({ id, fence: 1 })

export const call = (fields: Partial<ActionCall> = {}): ActionCall => ({
  id: 'call1',
  turnId: 't1',
  step: 0,
  position: 0,
  said: '',
  plugin: 'clock',
  action: 'now',
  tool: 'clock_now',
  toolCallId: 'x1',
  effect: 'read',
  input: { zone: 'Asia/Tokyo' },
  state: 'started',
  startedAt: 1000,
  ...fields,
})

export const key = (fields: Partial<KeyRecord> = {}): KeyRecord => ({
  id: 'k1',
  name: 'ci',
  hash: 'a'.repeat(64),
  role: 'user',
  createdAt: 1000,
  ...fields,
})

/** Accepts turn `tN` of a conversation with its message `mN`. */
export const acceptTurn = async (stores: Stores, n: number, conversationId = 'c1'): Promise<void> => {
  const accepted = turn({ id: `t${n}`, messageId: `m${n}`, conversationId, createdAt: 1000 + n })
  await stores.turns.accept(accepted, leaseMs)
  await stores.messages.append(
    message({ id: `m${n}`, turnId: `t${n}`, conversationId, text: `question ${n}` }),
  )
}

/** The reply of turn `tN`, with the id `rN`. */
export const reply = (n: number, conversationId = 'c1'): Message =>
  message({
    id: `r${n}`,
    turnId: `t${n}`,
    conversationId,
    role: 'assistant',
    text: `answer ${n}`,
    status: 'answered',
  })
