import { type Token, token } from '../token.ts'

export interface RouteRequest {
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case; a plugin gets few of them. */
  readonly headers: Readonly<Record<string, string>>
  /** As it came, which is what was signed. */
  readonly raw: Uint8Array
  /** Parsed; undefined where there is none, or where it is no JSON. */
  readonly body: unknown
  /** Who asks, where the route takes a key. */
  readonly principalId?: string
}

export interface RouteAnswer {
  readonly status: number
  /** JSON. */
  readonly body?: unknown
  readonly headers: Readonly<Record<string, string>>
}

export interface PluginRoute {
  /** `token`: the server's own keys; `signature`: the plugin host checks it in `handle`. */
  readonly auth: 'none' | 'token' | 'signature'
  /** Throws `PluginError`, `AuthError` for a signature that does not hold, and `LimitError`. */
  handle(request: RouteRequest, options: { readonly signal: AbortSignal }): Promise<RouteAnswer>
}

/** Web requests that plugins answer. */
export interface PluginRoutes {
  /** Undefined where no running plugin has that route, or none may have it. */
  find(wanted: {
    readonly plugin: string
    readonly method: string
    /** `/incoming` */
    readonly path: string
  }): PluginRoute | undefined
}
export const PluginRoutes: Token<PluginRoutes> = token('PluginRoutes')
