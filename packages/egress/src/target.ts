import { isIP } from 'node:net'
import { EgressError } from '@covent/core'

type Scheme = 'https' | 'http' | 'wss'

/** Where one request goes, taken apart once; nothing later reads the text again. */
export interface Target {
  readonly url: URL
  readonly scheme: Scheme
  /** A name in lower case, never an address. */
  readonly host: string
  readonly port: number
}

const longest = 8_192
const shape = /^(https?|wss):\/\/([a-z0-9.-]+)(?::\d{1,5})?(?:[/?#]|$)/i
// oxlint-disable-next-line no-control-regex -- the URL parser drops tabs and line breaks in silence
const hidden = /[\u0000-\u0020\u007f\\]/
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

const refuse = (why: string): never => {
  throw new EgressError('egress.url-refused', `the URL ${why}`)
}

/**
 * Reads an absolute URL. What stands there must be what the parser makes of it: a host that the parser would rewrite (an
 * address in disguise, other alphabets, escapes) is refused, and so are user names, trailing dots and addresses.
 */
export const parseTarget = <S extends Scheme>(
  text: string,
  schemes: readonly S[],
): Target & { readonly scheme: S } => {
  if (text.length > longest) return refuse(`is longer than ${longest} characters`)
  if (hidden.test(text)) return refuse('holds a space, a control character or a backslash')
  const [, named, written] = shape.exec(text) ?? []
  const scheme = schemes.find((one) => one === named?.toLowerCase())
  if (scheme === undefined)
    return refuse(`must read ${schemes.join(' or ')}://host[:port]/…, with a plain host name`)
  if (!URL.canParse(text)) return refuse('cannot be parsed')
  const url = new URL(text)
  const host = url.hostname
  if (host !== written!.toLowerCase()) return refuse('writes its host in another form than it has')
  if (isIP(host) !== 0) return refuse('names an address; name a host')
  if (host.length > 253 || !host.split('.').every((part) => label.test(part) && part.length <= 63))
    return refuse('has a malformed host name')
  if (url.username !== '' || url.password !== '') return refuse('holds a user name')
  url.hash = ''
  return { url, scheme, host, port: portOf(url, scheme) }
}

const portOf = ({ port }: URL, scheme: Scheme): number => (port === '' ? defaultPort[scheme] : Number(port))

export const defaultPort = { https: 443, http: 80, wss: 443 } as const
