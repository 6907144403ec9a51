import { ModelError } from '@covent/core'
import type { Endpoint } from './endpoint.ts'

const maxExcerptLength = 200

/** A few words of what a provider said, fit for a log line, with the key taken out should it have repeated it. */
export const excerpt = (body: string, apiKey: string | undefined): string => {
  const said = messageIn(body) ?? body
  const clean = apiKey === undefined || apiKey === '' ? said : said.replaceAll(apiKey, '[secret]')
  return clean
    .slice(0, 4 * maxExcerptLength)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, maxExcerptLength)
}

const messageIn = (body: string): string | undefined => {
  try {
    const { error } = JSON.parse(body) as { readonly error?: { readonly message?: unknown } }
    return typeof error?.message === 'string' ? error.message : undefined
  } catch {
    // Not every provider says its errors in JSON: the excerpt is then of the body as it is.
    return undefined
  }
}

/** The error that a status other than 200 stands for. */
export const statusFailure = (endpoint: Endpoint, status: number, body: string): ModelError => {
  const said = excerpt(body, endpoint.apiKey)
  const message = `Model provider ${endpoint.provider} answered with status ${status}${said === '' ? '' : `: ${said}`}`
  if (status === 404) return new ModelError('model.not-found', message)
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return new ModelError('model.unavailable', message)
  if (status >= 300 && status < 400)
    return new ModelError(
      'model.refused',
      `${message} (redirects are not followed: set baseUrl to where it points)`,
    )
  return new ModelError('model.refused', message)
}

export const unavailable = (endpoint: Endpoint, cause: unknown): ModelError => {
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  const why = typeof code === 'string' ? code : 'the connection failed'
  return new ModelError(
    'model.unavailable',
    `Model provider ${endpoint.provider} cannot be reached: ${why}.`,
    { cause },
  )
}

export const late = (endpoint: Endpoint): ModelError =>
  new ModelError(
    'model.timeout',
    `Model provider ${endpoint.provider} sent nothing for ${endpoint.timeoutMs} ms.`,
  )

export const nonsense = (endpoint: Endpoint, what: string): ModelError =>
  new ModelError('model.protocol', `Model provider ${endpoint.provider} ${what}.`)
