import type * as z from 'zod'
import type { Dns, NamesOf } from './facets/dns.ts'
import type { Ai } from './facets/ai.ts'
import type { TextEmbedder } from './facets/embeddings.ts'
import type { MemoryOf } from './facets/memory.ts'
import type { FileReader, FileWriter, ReadPaths, WorkspacePaths, WritePaths } from './facets/files.ts'
import type { Http, UrlsOf } from './facets/http.ts'
import type { KeyValues } from './facets/key-values.ts'
import type { PermissionSet, PluginPermission } from './permissions.ts'
import type { CommandsOf, Programs } from './facets/programs.ts'
import type { ServiceClients } from './services.ts'
import type { Environment, ListedNames, ReadableSecrets } from './facets/values.ts'
import type { SocketUrlsOf, WebSockets } from './facets/web-sockets.ts'

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

/** Up to four, their values up to 60 characters; names in snake case. */
export type MetricLabels = Readonly<Record<string, string>>

/**
 * Counts and measures of its own, which the operator sees as `plugin_own_total` and `plugin_own` with the labels `plugin` and
 * `metric`. A plugin has a hundred series; what is beyond them, or beyond 200 a second, is dropped. A name is in snake case.
 */
export interface PluginMetrics {
  /** Adds to a counter: 1 when absent, never less than 0. */
  count(name: string, by?: number, labels?: MetricLabels): void
  /** Adds one observation to a distribution; not less than 0. */
  observe(name: string, value: number, labels?: MetricLabels): void
}

/** What a plugin's own declarations put on its context. */
export interface OwnContext<Config, Emits extends Record<string, z.ZodType>, Uses = object> {
  /** The settings `plugins.config.<id>`, parsed. */
  readonly config: Config
  /** Clients of the services that are declared under `services`. */
  readonly services: ServiceClients<Uses>
  /** Tells the server's bus, as the event `plugin.event`. Throws where the payload does not fit; up to 16 KiB of JSON. */
  emit<K extends keyof Emits & string>(name: K, payload: z.input<Emits[K]>): void
}

export interface HookBase {
  readonly plugin: { readonly id: string; readonly version: string }
  readonly log: PluginLog
  readonly metrics: PluginMetrics
  /** Aborts when the caller gives up, the time is up, or the plugin is unloaded. */
  readonly signal: AbortSignal
}

export interface BaseContext extends HookBase {
  readonly call: CallInfo
  /** Tells the person who waits what is going on. */
  progress(text: string): void
}

type Has<P, K extends PluginPermission> = P extends { readonly [k in K]: unknown } ? true : false
type If<B, T> = B extends true ? T : unknown

type IfAny<P, K extends PluginPermission, T> = true extends (K extends K ? Has<P, K> : never) ? T : unknown

type FileFacets<P> = If<
  Has<P, 'fs:read:workspace'>,
  { readonly workspace: FileReader<WorkspacePaths<P, 'fs:read:workspace'>> }
> &
  If<
    Has<P, 'fs:write:workspace'>,
    { readonly workspace: FileWriter<WorkspacePaths<P, 'fs:write:workspace'>> }
  > &
  If<Has<P, 'fs:write:temp'>, { readonly tmp: FileReader<string> & FileWriter<string> }> &
  IfAny<P, 'fs:read:home' | 'fs:read:system', { readonly files: FileReader<ReadPaths<P>> }> &
  If<Has<P, 'fs:write:any'>, { readonly files: FileWriter<WritePaths<P>> }>

/** What the permissions `P` unlock. */
export type Facets<P> = If<Has<P, 'data:database'>, { readonly kv: KeyValues }> &
  If<[UrlsOf<P>] extends [never] ? false : true, { readonly http: Http<UrlsOf<P>> }> &
  If<Has<P, 'ai:inference'>, { readonly ai: Ai }> &
  If<Has<P, 'ai:embedding'>, { readonly embeddings: TextEmbedder }> &
  If<Has<P, 'data:memory'>, { readonly memory: MemoryOf<P> }> &
  If<Has<P, 'net:dns'>, { readonly dns: Dns<NamesOf<P>> }> &
  If<Has<P, 'process:env:read'>, { readonly env: Environment<ListedNames<P, 'process:env:read'>> }> &
  If<Has<P, 'data:secrets'>, { readonly secrets: ReadableSecrets<ListedNames<P, 'data:secrets'>> }> &
  If<Has<P, 'net:outbound:websocket'>, { readonly ws: WebSockets<SocketUrlsOf<P>> }> &
  If<Has<P, 'process:spawn'>, { readonly process: Programs<CommandsOf<P>> }> &
  FileFacets<P>

export type PermissionDecision = 'granted' | 'denied' | 'pending'

/** Asking for what is optional. */
export interface PermissionRequests<Optional extends PermissionSet> {
  /**
   * Asks the operator for an optional permission, who is told once. Resolves at once, or with `waitMs` when it is decided,
   * at the latest after that time or the deadline of the call. What was denied stays so, and nobody is asked again.
   */
  request(
    permission: keyof Optional & PluginPermission,
    options?: { readonly waitMs?: number },
  ): Promise<PermissionDecision>
}

/** What hooks, providers, evaluators and event handlers get: required permissions as members, optional ones under `optional` where they were granted. */
export type HookContext<
  Required extends PermissionSet,
  Optional extends PermissionSet,
  Own = object,
> = HookBase &
  Own &
  Facets<Required> &
  PermissionRequests<Optional> & {
    /** Those that are granted at this moment. */
    readonly optional: Partial<Facets<Optional>>
  }

/** What an action gets: the same, and who asks. */
export type Context<
  Required extends PermissionSet,
  Optional extends PermissionSet,
  Own = object,
> = BaseContext & HookContext<Required, Optional, Own>
