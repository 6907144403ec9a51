import type { Environment, ReadableSecrets } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>

/** The plugin's side of `ctx.env`. */
export const environment = (ask: Ask): Environment<string> => ({
  get: async (name) => (await ask('env.get', { name })) as string | undefined,
})

/** The plugin's side of `ctx.secrets`. */
export const secrets = (ask: Ask): ReadableSecrets<string> => ({
  get: async (name) => (await ask('secrets.get', { name })) as string,
})
