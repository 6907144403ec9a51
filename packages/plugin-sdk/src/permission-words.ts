import type { Manifest } from './manifest-schema.ts'

/** `extreme` is given by an operator's explicit word only, one by one, never from a prompt. */
export type PermissionRisk = 'low' | 'medium' | 'high' | 'extreme'

type Asked = Manifest['permissions']['required']
type Scope = Readonly<Record<string, unknown>>

interface Words {
  readonly risk: PermissionRisk
  /** What follows "Weather wants to". */
  readonly wants: (scope: Scope) => string
}

const listed = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : '')

const limitedTo = (value: unknown): string =>
  Array.isArray(value) && value.length > 0 ? ` (${listed(value)})` : ''

const upTo = (value: unknown, unit: string): string =>
  typeof value === 'number' ? ` (up to ${value} ${unit})` : ''

const words: Readonly<Record<keyof Asked, Words>> = {
  'fs:read:workspace': {
    risk: 'medium',
    wants: ({ paths }) => `read files in the agent’s workspace${limitedTo(paths)}`,
  },
  'fs:read:home': { risk: 'high', wants: ({ paths }) => `read files in your home folder: ${listed(paths)}` },
  'fs:read:system': { risk: 'high', wants: ({ paths }) => `read system files: ${listed(paths)}` },
  'fs:write:workspace': {
    risk: 'medium',
    wants: ({ paths }) => `create and change files in the workspace${limitedTo(paths)}`,
  },
  'fs:write:temp': {
    risk: 'low',
    wants: ({ maxBytes }) => `use temporary disk space${upTo(maxBytes, 'bytes')}`,
  },
  'fs:write:any': { risk: 'extreme', wants: ({ paths }) => `change files anywhere in ${listed(paths)}` },
  'net:outbound:https': {
    risk: 'medium',
    wants: ({ hosts }) => `send data to and receive data from ${listed(hosts)}`,
  },
  'net:outbound:http': {
    risk: 'high',
    wants: ({ hosts }) => `send data to and receive data from ${listed(hosts)} without encryption`,
  },
  'net:outbound:websocket': {
    risk: 'medium',
    wants: ({ hosts }) => `keep a live connection to ${listed(hosts)}`,
  },
  'net:inbound:listen': {
    risk: 'medium',
    wants: ({ routes }) => `receive web requests at ${listed(routes)}`,
  },
  'net:dns': { risk: 'medium', wants: ({ names }) => `look up the domain names ${listed(names)}` },
  'process:spawn': { risk: 'extreme', wants: ({ commands }) => `run the programs ${listed(commands)}` },
  'process:shell': { risk: 'extreme', wants: () => 'run any command' },
  'process:env:read': { risk: 'low', wants: ({ names }) => `read the settings ${listed(names)}` },
  'process:env:write': {
    risk: 'low',
    wants: ({ names }) => `change the settings ${listed(names)} for itself alone`,
  },
  'system:native': { risk: 'extreme', wants: () => 'run native machine code' },
  'system:ffi': { risk: 'extreme', wants: () => 'call native libraries' },
  'system:gpu': { risk: 'extreme', wants: () => 'use the graphics processor' },
  'ai:inference': {
    risk: 'medium',
    wants: ({ maxTokensPerDay }) => `use the AI model${upTo(maxTokensPerDay, 'tokens a day')}`,
  },
  'ai:embedding': { risk: 'low', wants: () => 'turn text into search vectors' },
  'ai:training': { risk: 'extreme', wants: () => 'train models' },
  'data:database': { risk: 'low', wants: ({ maxBytes }) => `store its own data${upTo(maxBytes, 'bytes')}` },
  'data:memory': {
    risk: 'medium',
    wants: ({ access, conversations }) =>
      `${access === 'write' ? 'add to' : access === 'read' ? 'read' : 'read and change'} what you told the agent in ${
        conversations === 'all' ? 'all of your conversations' : 'this conversation'
      }`,
  },
  'data:secrets': { risk: 'high', wants: ({ names }) => `read the secrets ${listed(names)}` },
}

const outbound = ['net:outbound:https', 'net:outbound:http', 'net:outbound:websocket'] as const

const hostsOf = (sets: readonly Asked[]): readonly string[] => [
  ...new Set(sets.flatMap((set) => outbound.flatMap((name) => set[name]?.hosts ?? []))),
]

const reads = (permission: string, { access }: Scope): boolean =>
  permission === 'data:secrets' || (permission === 'data:memory' && access !== 'write')

/** A permission in an operator's words. */
export interface PermissionWords {
  readonly risk: PermissionRisk
  /** What follows the plugin's name: "wants to …". */
  readonly sentence: string
}

/**
 * What a permission means beside all others that the plugin asks for: one that reads what is yours is of high risk
 * where the plugin reaches any host, since no scanner sees what it sends.
 */
export const permissionWords = (
  { permissions: { required, optional } }: Pick<Manifest, 'permissions'>,
  permission: string,
  scope: Scope,
): PermissionWords => {
  const { risk, wants } = words[permission as keyof Asked]
  const hosts = hostsOf([required, optional])
  if (reads(permission, scope) && hosts.length > 0)
    return { risk: 'high', sentence: `${wants(scope)}; it can send what it reads to ${hosts.join(', ')}` }
  const isWide = permission === 'data:memory' && scope['conversations'] === 'all'
  return { risk: isWide ? 'high' : risk, sentence: wants(scope) }
}

export const permissionRisk = (permission: string): PermissionRisk | undefined =>
  Object.hasOwn(words, permission) ? words[permission as keyof Asked].risk : undefined

/** Secrets that the host puts into requests for it, in an operator's words. */
export const secretWords = ({ secrets }: Pick<Manifest, 'secrets'>): readonly string[] =>
  Object.entries(secrets).flatMap(([name, { inject }]) =>
    inject === undefined ? [] : [`use (not see) the secret ${name} with ${inject.hosts.join(', ')}`],
  )
