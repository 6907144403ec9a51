import { AppError, errorCodes } from '@covent/core'
import type { Exchange } from './exchange.ts'
import type { Answer } from './route.ts'

/** What is told of an error. */
export interface Fault {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly data?: Readonly<Record<string, unknown>> | undefined
}

const specs = new Map(Object.values(errorCodes).flatMap((table) => Object.entries(table)))

/** The few words that stand for a code, where it is one of ours. */
export const titleOf = (code: string): string => specs.get(code)?.title ?? 'Failed'

const unknownFault: Fault = {
  status: 500,
  code: 'request.failed',
  title: titleOf('request.failed'),
  detail: 'Something went wrong in the server; its log has it under this request id.',
}

/** What may be said of any error: of one that is not ours, nothing. */
export const faultOf = (error: unknown): Fault => {
  if (!AppError.is(error)) return unknownFault
  return {
    status: error.status,
    code: error.code,
    title: error.title,
    detail: error.message,
    data: error.data,
  }
}

const openAiTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
}

/** The error object that OpenAI's clients read. */
export const openAiError = (fault: Fault): unknown => ({
  error: {
    message: fault.detail,
    type: openAiTypes[fault.status] ?? (fault.status >= 500 ? 'server_error' : 'invalid_request_error'),
    code: fault.code,
    param: fault.data?.['param'] ?? null,
  },
})

/** RFC 9457. */
export const problem = (fault: Fault, requestId: string): unknown => ({
  ...fault.data,
  type: `urn:covent:error:${fault.code}`,
  title: fault.title,
  status: fault.status,
  code: fault.code,
  detail: fault.detail,
  requestId,
})

const standing = (fault: Fault): string[] => {
  if (fault.status === 401) return ['WWW-Authenticate', 'Bearer realm="covent"']
  if (fault.code === 'auth.too-soon') return ['Retry-After', String(fault.data?.['retryAfterSeconds'])]
  if (fault.status === 503) return ['Retry-After', '1']
  return []
}

/** The answer to a failed request, in the shape of the path that it asked for. */
export const errorAnswer = (exchange: Exchange, fault: Fault): Answer => {
  const forOpenAi = exchange.request.url?.startsWith('/v1/') === true
  const type = forOpenAi ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8'
  return {
    status: fault.status,
    body: forOpenAi ? openAiError(fault) : problem(fault, exchange.requestId),
    headers: ['Content-Type', type, ...standing(fault)],
  }
}
