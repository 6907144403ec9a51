import {
  type AcceptedTurn,
  type AgentRuntime,
  ClientError,
  type EphemeralEvent,
  type Message,
  ModelError,
  newId,
  type NewTurn,
  type TurnEvent,
  type TurnResult,
  ValidationError,
} from '@covent/core'
import type { MemoryStores } from './memory-stores.ts'

export interface MemoryRuntime extends AgentRuntime {
  /** Lets turns go on that were said to `wait`. */
  release(): void
  readonly accepted: NewTurn[]
  /** Ephemeral turns whose signal was aborted. */
  readonly aborted: unknown[]
}

interface Live {
  readonly turn: AcceptedTurn
  readonly text: string
}

const action = (state: 'started' | 'completed') => ({
  kind: 'action' as const,
  id: 'call_1',
  plugin: 'covent.clock',
  action: 'get_current_time',
  state,
  input: { timeZone: 'Asia/Tokyo' },
  ...(state === 'completed' && { output: { time: '12:00' } }),
})

/** Answers `You said: <text>`, word by word; `fail`, `wait`, `act` and `big` in the text do what they say. */
export const memoryRuntime = (stores: MemoryStores): MemoryRuntime => {
  let waiting: (() => void)[] = []
  const accepted: NewTurn[] = []
  const aborted: unknown[] = []
  const byKey = new Map<string, Live>()
  const gate = (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push(resolve)
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
    })

  const message = (
    turn: NewTurn,
    turnId: string,
    part: Pick<Message, 'role' | 'text' | 'status'>,
  ): Message => ({
    id: newId('msg', Date.now()),
    conversationId: turn.conversationId,
    turnId,
    createdAt: Date.now(),
    ...part,
  })

  async function* answerWords(text: string, signal?: AbortSignal) {
    if (text.includes('wait')) await gate(signal)
    if (text.includes('act')) yield* [action('started'), action('completed')]
    const words = text.includes('big')
      ? Array.from({ length: 2000 }, () => 'x'.repeat(4000))
      : ['You', ' said: ', text]
    for (const word of words) yield { kind: 'delta' as const, text: word }
  }

  const begin = (turn: NewTurn): AcceptedTurn => {
    const turnId = newId('turn', Date.now())
    const mine = message(turn, turnId, { role: 'user', text: turn.text, status: 'accepted' })
    stores.add(mine)
    const log: TurnEvent[] = [{ kind: 'accepted', message: mine }]
    let bell = Promise.withResolvers<void>()
    const tell = (event: TurnEvent): void => {
      log.push(event)
      bell.resolve()
      bell = Promise.withResolvers()
    }
    const run = async (): Promise<TurnResult> => {
      let text = ''
      if (turn.text.includes('fail')) {
        const error = { code: 'model.unavailable', message: 'The model does not answer.' }
        tell({ kind: 'error', error })
        tell({ kind: 'end', reason: 'failed' })
        return { message: { ...mine, status: 'failed', error }, error: { ...error, status: 502 } }
      }
      for await (const event of answerWords(turn.text)) {
        if (event.kind === 'delta') text += event.text
        tell(event)
      }
      const reply = message(turn, turnId, { role: 'assistant', text, status: 'answered' })
      stores.add(reply)
      tell({ kind: 'message', message: reply })
      tell({ kind: 'end', reason: 'answered' })
      return { message: { ...mine, status: 'answered' }, reply }
    }
    const result = run()
    return {
      turnId,
      message: mine,
      result: () => result,
      async *events() {
        for (let at = 0; ; at++) {
          while (at >= log.length) await bell.promise
          yield { id: `${turnId}/${at}`, event: log[at]! }
          if (log[at]!.kind === 'end') return
        }
      },
    }
  }

  return {
    accepted,
    aborted,
    characters: ['covent', 'ada'],
    release() {
      for (const resolve of waiting) resolve()
      waiting = []
    },
    async accept(turn) {
      const owned = await stores.conversations.find(turn.conversationId, turn.principalId)
      if (owned === undefined)
        throw new ClientError('request.not-found', 'There is no conversation of that id.')
      const key = turn.idempotencyKey && `${turn.conversationId} ${turn.idempotencyKey}`
      const first = key === undefined ? undefined : byKey.get(key)
      if (first !== undefined) {
        if (first.text === turn.text) return first.turn
        throw new ClientError('request.idempotency-conflict', 'That key was used for another text.')
      }
      accepted.push(turn)
      const live = { turn: begin(turn), text: turn.text }
      if (key !== undefined) byKey.set(key, live)
      return live.turn
    },
    async follow({ conversationId, principalId, after }, signal) {
      const owned = await stores.conversations.find(conversationId, principalId)
      if (owned === undefined)
        throw new ClientError('request.not-found', 'There is no conversation of that id.')
      if (after === 'nonsense') throw new ValidationError('validation.failed', 'Last-Event-ID: nonsense')
      return (async function* () {
        yield { id: `behind ${after ?? 'nothing'}`, event: { kind: 'reset' } as const }
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      })()
    },
    async *answer(turn, signal): AsyncIterable<EphemeralEvent> {
      const last = turn.messages.at(-1)
      const text = last !== undefined && 'text' in last ? last.text : JSON.stringify(last)
      if (text === 'fail at once') throw new ModelError('model.unavailable', 'The model does not answer.')
      if (text === 'break at once') throw new Error('secret-inner-detail')
      let said = ''
      try {
        for await (const event of answerWords(text, signal)) {
          signal.throwIfAborted()
          if (event.kind === 'delta') said += event.text
          yield event
          if (text === 'fail later') throw new ModelError('model.timeout', 'The model stopped answering.')
          await new Promise((resolve) => setImmediate(resolve))
        }
      } catch (error) {
        if (signal.aborted) aborted.push(turn)
        throw error
      }
      yield { kind: 'end', text: said, reason: 'stop', usage: { inputTokens: 3, outputTokens: 4 } }
    },
  }
}
