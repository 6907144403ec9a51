import type { Dns } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>

/** The plugin's side of `ctx.dns`. */
export const dns = (ask: Ask): Dns<string> => ({
  resolve: async (name) => (await ask('dns.resolve', { name })) as readonly string[],
})
