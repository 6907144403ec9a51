import type { Principal, Scope } from '@covent/core'
import type * as z from 'zod'
import type { RateClass } from '../limits/limit-table.ts'
import type { Exchange } from './exchange.ts'

export type Method = 'GET' | 'POST' | 'DELETE'
/** The scope that a route asks for, or `public` where it takes no credential. */
export type Access = Scope | 'public'

export interface Answer {
  readonly status: number
  /** Written as JSON; a string as it stands, with the `content-type` of `headers`. */
  readonly body?: unknown
  /** Names and values in turn. */
  readonly headers?: readonly string[]
}

/** What a handler returns when it has written its answer itself, as streams do. */
export const answered = 'answered'

export interface Call<P, Q, B, A extends Access> {
  readonly exchange: Exchange
  readonly principal: A extends 'public' ? undefined : Principal
  readonly params: P
  readonly query: Q
  readonly body: B
  /** The bytes of the body, of a route that asked for them; they are read when they are wanted. */
  raw(): Promise<Buffer>
}

export interface ResponseSpec {
  readonly description: string
  readonly schema?: z.ZodType
  /** Other media types of the same status, with what they hold. */
  readonly also?: Readonly<Record<string, string>>
}

type None = z.ZodType<undefined>
type Handled = Answer | typeof answered

interface RouteSpec<A extends Access, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly method: Method
  /** `/api/conversations/:id` */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly scope: A
  /** What it shows or changes belongs to one principal each; for others it is not there. */
  readonly owned?: boolean
  /** A path whose parameters do not fit is not found. */
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** The handler reads the body itself, whatever its type. */
  readonly rawBody?: boolean
  /** Instead of `http.bodyLimitBytes`. */
  readonly bodyLimitBytes?: number
  /** Which limit counts it, `default` when absent. `none`: what must always be answered and costs next to nothing. */
  readonly rate?: RateClass | 'none'
  readonly responses: Readonly<Record<number, ResponseSpec>>
  /** Takes a ticket in the URL, too: a stream that browsers open, who can send no header with it. */
  readonly ticket?: boolean
  /** The level of its log lines. */
  readonly log?: 'debug' | 'info'
  handle(call: Call<z.output<P>, z.output<Q>, z.output<B>, A>): Promise<Handled> | Handled
}

/** A route as the server, the OpenAPI document and the role matrix see it. */
export type Route = RouteSpec<Access, z.ZodType, z.ZodType, z.ZodType>

/** One operation; its schemas type what `handle` gets. */
export const route = <
  A extends Access,
  P extends z.ZodType = None,
  Q extends z.ZodType = None,
  B extends z.ZodType = None,
>(
  spec: RouteSpec<A, P, Q, B>,
): Route => spec

export const routeName = (route: Route): string => `${route.method} ${route.path}`
