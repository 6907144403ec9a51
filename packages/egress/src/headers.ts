import { EgressError } from '@covent/core'

type Headers = Readonly<Record<string, string>>

const token = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const text = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const countCap = 64
const sizeCap = 16_384

/** Of the connection and the framing: these are ours. */
const reserved = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])

const refuse = (why: string): never => {
  throw new EgressError('egress.header-refused', why)
}

const checkOne = (name: string, value: string): void => {
  if (!token.test(name)) refuse(`${JSON.stringify(name.slice(0, 64))} is no header name`)
  if (reserved.has(name)) refuse(`the header ${name} is not for callers to set`)
  if (!text.test(value))
    refuse(`the header ${name} holds a line break or another character that no header has`)
}

/** The same with names in lower case. Throws for one that would change how the request is read on its way. */
export const checkedHeaders = (headers: Headers): Headers => {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  for (const [name, value] of entries) checkOne(name, value)
  if (new Set(entries.map(([name]) => name)).size < entries.length) refuse('a header is there twice')
  const size = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (entries.length > countCap || size > sizeCap)
    refuse(`there may be ${countCap} headers with ${sizeCap} characters at most`)
  return Object.fromEntries(entries)
}

/** What may follow a redirect to another origin; anything else may be a credential. */
const harmless = ['accept', 'accept-language', 'cache-control', 'content-type', 'user-agent']

export const withoutCredentials = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.includes(name)))

export const withoutContent = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')))
