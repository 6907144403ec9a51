import type * as z from 'zod'

export interface HttpOptions {
  /** Not those of the connection (`host`, `content-length` and the like); a secret's header is the host's to set. */
  readonly headers?: Readonly<Record<string, string>>
  /** Gives up waiting; the request itself may still be answered. */
  readonly signal?: AbortSignal
}
export interface HttpRequest extends HttpOptions {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Text goes out as UTF-8; up to about 1 MB. */
  readonly body?: string | Uint8Array
}

/** A whole answer, decoded, with injected secrets masked. */
export interface HttpResponse {
  readonly status: number
  /** Of the last redirect. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  bytes(): Uint8Array
  text(): Promise<string>
  /** Rejects where the body is no JSON, or does not fit. */
  json<S extends z.ZodType>(schema: S): Promise<z.output<S>>
}

/**
 * Requests that the host sends on the plugin's behalf. Any HTTP status is an answer; a refusal or a failure rejects with an
 * error whose `code` is `plugin.permission-denied` or begins with `egress.`. Bodies are up to 1 MB.
 */
export interface Http<Url extends string> {
  get(url: Url, options?: HttpOptions): Promise<HttpResponse>
  request(url: Url, request: HttpRequest): Promise<HttpResponse>
}

/** The URLs of a host or a wildcard. */
export type AtHost<Scheme extends string, Host extends string> = Host extends `*.${infer Domain}`
  ? `${Scheme}://${string}.${Domain}` | `${Scheme}://${string}.${Domain}/${string}`
  : `${Scheme}://${Host}` | `${Scheme}://${Host}/${string}`
/** The hosts that the permission names in `P`. */
export type HostsOf<P, K extends PropertyKey> = P extends {
  readonly [k in K]: { readonly hosts: readonly (infer Host extends string)[] }
}
  ? Host
  : never

/** The URLs that the permissions `P` cover, down to literal hosts. */
export type UrlsOf<P> =
  | AtHost<'https', HostsOf<P, 'net:outbound:https'>>
  | AtHost<'http', HostsOf<P, 'net:outbound:http'>>
