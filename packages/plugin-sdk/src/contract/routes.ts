export interface RouteRequest {
  readonly query: Readonly<Record<string, string>>
  /** Few of them, in lower case: content, language, `user-agent`, `webhook-id`, `webhook-timestamp` and `x-…-event`. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON; undefined where there is none, or where a signed body is something else. */
  readonly body: unknown
  /** The bytes that were signed, with `auth: 'signature'`. */
  readonly rawBody?: Uint8Array
}

export interface RouteAnswer {
  /** 200 to 599. */
  readonly status: number
  /** JSON. */
  readonly body?: unknown
  /** `retry-after`, and names that begin with `x-plugin-`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A web request to `/plugins/<id><path>`. Its permission is `net:inbound:listen`, whose `routes` name the path. */
export interface RouteDefinition<C> {
  readonly method: 'GET' | 'POST'
  /** Letters, digits and hyphens between slashes: `/incoming`. */
  readonly path: `/${string}`
  /** `token`: a key of the server with `plugins:call`; `signature`: Standard Webhooks; `none`: anybody. */
  readonly auth: 'none' | 'token' | 'signature'
  handle(request: RouteRequest, context: C): Promise<RouteAnswer>
}
