import { ClientError } from '@covent/core'

export interface Credential {
  readonly name: string
  readonly value: string
}

/** What a file of credentials holds. */
export interface Found {
  readonly credentials: readonly Credential[]
  /** What stays in the file without them; absent where it holds nothing else. */
  readonly rest?: unknown
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const unknown = (why: string): ClientError => new ClientError('request.malformed', why)

const asName = (text: string): string =>
  text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toUpperCase()

const textAt = (place: string, value: unknown): string => {
  if (typeof value !== 'string' || value === '') throw unknown(`${place} is no text`)
  if (/^\$\{?\w+\}?$/.test(value)) throw unknown(`${place} only names a variable; take it out of the file`)
  return value
}

/** `{ "OPENAI_API_KEY": "…" }` */
const isFlat = (json: Fields): boolean => Object.keys(json).every((name) => /^[A-Z][A-Z\d_]*$/.test(name))
const flat = (json: Fields): Found => ({
  credentials: Object.entries(json).map(([name, value]) => ({ name, value: textAt(name, value) })),
})

/** A character of Eliza: its secrets go, the character stays. */
const secretsOf = ({ settings, secrets }: Fields): readonly Fields[] =>
  [isFields(settings) ? settings['secrets'] : undefined, secrets].filter(isFields)
const isCharacter = (json: Fields): boolean => typeof json['name'] === 'string' && secretsOf(json).length > 0
const character = (json: Fields): Found => {
  const given = secretsOf(json).flatMap((secrets) => Object.entries(secrets))
  const { secrets: _, settings, ...rest } = json
  const { secrets: __, ...others } = isFields(settings) ? settings : {}
  const kept = isFields(settings) ? { settings: others } : {}
  return {
    credentials: given
      .filter(([, value]) => value !== '')
      .map(([name, value]) => ({ name: asName(name), value: textAt(name, value) })),
    rest: { ...rest, ...kept },
  }
}

/** Auth profiles of OpenClaw: `{ "profiles": { "openai:default": { "type": "api_key", "provider", "key" } } }` */
const fieldOfType: Readonly<Record<string, string>> = { api_key: 'key', token: 'token' }
const isProfiles = (json: Fields): boolean => isFields(json['profiles'])
const ofProfile = ([id, profile]: readonly [string, unknown]): Credential => {
  const { type, provider, ...fields } = isFields(profile) ? profile : {}
  const field = Object.hasOwn(fieldOfType, String(type)) ? fieldOfType[String(type)]! : undefined
  if (field === undefined || typeof provider !== 'string')
    throw unknown(`profiles["${id}"] is no API key and no token (a sign-in cannot be moved: sign in anew)`)
  const [, suffix = 'default'] = id.split(':')
  const whose = suffix === 'default' ? provider : `${provider} ${suffix}`
  return {
    name: asName(`${whose} ${type === 'api_key' ? 'api key' : 'token'}`),
    value: textAt(`profiles["${id}"].${field}`, fields[field]),
  }
}
const profiles = (json: Fields): Found => ({
  credentials: Object.entries(json['profiles'] as Fields).map(ofProfile),
})

/** `{ "openai": { "apiKey": "…" } }` */
const credentialField = /^(api_?key|key|token|(access|bot|app|auth)_?token|secret|client_?secret|password)$/i
const isProviders = (json: Fields): boolean => Object.values(json).every(isFields)
const ofProvider = ([provider, fields]: readonly [string, unknown]): readonly Credential[] =>
  Object.entries(fields as Fields).map(([field, value]) => {
    const place = `${provider}.${field}`
    if (!credentialField.test(field))
      throw unknown(`${place} is no known field of a credential: move it to covent.json and take it out`)
    const word = /^(api_?)?key$/i.test(field) ? 'api key' : field
    return { name: asName(`${provider} ${word}`), value: textAt(place, value) }
  })
const providers = (json: Fields): Found => ({ credentials: Object.entries(json).flatMap(ofProvider) })

const shapes = [
  [isProfiles, profiles],
  [isCharacter, character],
  [isFlat, flat],
  [isProviders, providers],
] as const

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw unknown('it is no JSON')
  }
}

/** Reads the credentials of a file of a known shape. Throws, without any value in the message, for anything else. */
export const credentialsIn = (text: string): Found => {
  const json = parsed(text)
  const shape = isFields(json) ? shapes.find(([fits]) => fits(json)) : undefined
  if (shape === undefined)
    throw unknown(
      'its shape is not known; known are NAME → value, characters with secrets, provider → apiKey, and auth profiles',
    )
  const found = shape[1](json as Fields)
  const names = found.credentials.map(({ name }) => name)
  if (names.length === 0) throw unknown('it holds no credentials')
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (twice !== undefined) throw unknown(`two of its credentials would be called ${twice}`)
  return found
}
