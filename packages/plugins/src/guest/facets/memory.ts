import type { MemoryReader, MemoryWriter, RememberedText } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>

/** The plugin's side of `ctx.memory`: the host decides whose memories these are, and which half may be used. */
export const memory = (ask: Ask): MemoryReader & MemoryWriter => ({
  search: async (query, { limit } = {}) =>
    (await ask('memory.search', { query, limit })) as readonly RememberedText[],
  add: async (text) => (await ask('memory.add', { text })) as { readonly id: string },
})
