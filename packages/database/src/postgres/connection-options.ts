import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerIdentity, type ConnectionOptions } from 'node:tls'
import { ConfigurationError } from '@covent/core'
import type { ClientConfig } from 'pg'

const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof sslModes)[number]

const known = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'application_name', 'options'])

const wrong = (what: string, cause?: unknown): ConfigurationError =>
  new ConfigurationError('config.invalid-value', `database.url: ${what}`, { cause })

const parsed = (url: string): URL => {
  if (!URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol))
    throw wrong('is no URL of the form postgres://user:password@host:port/database')
  return new URL(url)
}

const fileOf = (parameters: URLSearchParams, name: string): string | undefined => {
  const path = parameters.get(name)
  if (path === null) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw wrong(`${name} ${path} cannot be read`, cause)
  }
}

const modeOf = (parameters: URLSearchParams): SslMode => {
  const mode = parameters.get('sslmode') ?? 'disable'
  const found = sslModes.find((name) => name === mode)
  if (found === undefined) throw wrong(`sslmode is ${mode}; use one of ${sslModes.join(', ')}`)
  return found
}

/** As libpq takes them: `require` encrypts, `verify-ca` also checks who vouches, `verify-full` the name too. */
const tlsOf = (parameters: URLSearchParams, host: string): ConnectionOptions | false => {
  const mode = modeOf(parameters)
  if (mode === 'disable') return false
  const files = { ca: fileOf(parameters, 'sslrootcert'), cert: fileOf(parameters, 'sslcert') }
  return {
    ...files,
    key: fileOf(parameters, 'sslkey'),
    rejectUnauthorized: mode !== 'require',
    ...(isIP(host) === 0 && { servername: host }),
    // By itself Node would compare with `localhost` where the host is an address.
    checkServerIdentity: (_name, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  }
}

/** Where the URL points and how one gets in. What it cannot mean is refused, naming nothing that is secret. */
export const connectionOptions = (text: string): ClientConfig => {
  const url = parsed(text)
  const { searchParams: parameters } = url
  for (const name of parameters.keys()) if (!known.has(name)) throw wrong(`does not know ${name}`)
  const host = parameters.get('host') ?? (url.hostname.replace(/^\[|\]$/g, '') || 'localhost')
  const options = parameters.get('options')
  return {
    host,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username) || 'postgres',
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ssl: tlsOf(parameters, host),
    application_name: parameters.get('application_name') ?? 'covent',
    ...(options !== null && { options }),
  }
}

/** True where what is sent to it can be read on the way. */
export const isInTheClear = ({ host = '', ssl }: ClientConfig): boolean =>
  ssl === false && !host.startsWith('/') && !/^(?:localhost|127\.|::1$)/.test(host)
