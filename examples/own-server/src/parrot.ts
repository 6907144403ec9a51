import type { Model, Models } from '@covent/core'

/** Says again what was said last. */
const parrot: Model = {
  id: 'parrot',
  historyLimit: 0,
  async *generate({ messages }) {
    const last = messages.findLast(({ role }) => role === 'user')
    yield { kind: 'text', text: last?.role === 'user' ? `${last.text}, ${last.text}!` : 'Squawk!' }
    yield { kind: 'end', reason: 'stop', usage: { inputTokens: 0, outputTokens: 0 } }
  },
}

/** Our own models in place of Covent's. */
export const parrots = (): Models => ({ defaultId: 'parrot', get: () => parrot })
