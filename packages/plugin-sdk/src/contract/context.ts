import type { KeyValues } from './key-values.ts'
import type { PermissionSet, PluginPermission } from './permissions.ts'

/** Who asks and where. Ids are pseudonyms: stable for this plugin, meaningless to any other. */
export interface CallInfo {
  /** Absent in a turn that belongs to no conversation. */
  readonly conversationId?: string | undefined
  readonly turnId: string
  readonly principalId: string
  readonly character: string
}

export interface PluginLog {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

export interface BaseContext {
  readonly plugin: { readonly id: string; readonly version: string }
  readonly call: CallInfo
  readonly log: PluginLog
  /** Aborts when the caller gives up, the time is up, or the plugin is unloaded. */
  readonly signal: AbortSignal
  /** Tells the person who waits what is going on. */
  progress(text: string): void
}

type Has<P, K extends PluginPermission> = P extends { readonly [k in K]: unknown } ? true : false
type If<B, T> = B extends true ? T : unknown

/** What the permissions `P` unlock. */
export type Facets<P> = If<Has<P, 'data:database'>, { readonly kv: KeyValues }>

/** What an action gets: required permissions as members, optional ones under `optional` where they were granted. */
export type Context<Required extends PermissionSet, Optional extends PermissionSet> = BaseContext &
  Facets<Required> & { readonly optional: Partial<Facets<Optional>> }
