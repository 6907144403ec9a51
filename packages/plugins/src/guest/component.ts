import type { HostMessage } from '@covent/plugin-sdk/protocol'

export type Wanted = Pick<Extract<HostMessage, { kind: 'call' }>, 'part' | 'action' | 'input'>
export type Context = { readonly signal: AbortSignal }
export type Work = (context: Context) => unknown
export type Ask = (method: string, params: object) => Promise<unknown>

export const own = <T>(components: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  components !== undefined && Object.hasOwn(components, name) ? components[name] : undefined
