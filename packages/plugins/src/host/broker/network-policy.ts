import {
  ConfigurationError,
  type EgressGrant,
  type EgressPolicy,
  type EgressSecret,
  type PluginError,
  type Secrets,
} from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import { capped } from '../isolation/sandbox-limits.ts'
import type { PluginsConfig } from '../../config.ts'
import type { Asker, Wanted } from './broker-method.ts'

export type NetworkSettings = Pick<PluginsConfig, 'limits' | 'network' | 'secrets'>

const schemes = {
  https: 'net:outbound:https',
  http: 'net:outbound:http',
  wss: 'net:outbound:websocket',
} as const
const requestsAtOnce = 8
const socketsAtOnce = 4
const messageBytes = 1_048_576
/** A response travels in one frame of the channel. */
const bodyCapBytes = 1_000_000
const timeoutMs = 30_000

/** First-party code gets what it requires; another plugin also what it asks for beside, once that was granted. */
export const declared = (
  { permissions }: Manifest,
  { trust }: Asker,
): readonly Manifest['permissions']['required'][] =>
  trust === 'first-party' ? [permissions.required] : [permissions.required, permissions.optional]

const grantsOf = (asker: Asker, manifest: Manifest): readonly EgressGrant[] =>
  (['https', 'http'] as const).flatMap((scheme) => {
    if (!asker.grants.has(schemes[scheme])) return []
    const found = declared(manifest, asker).flatMap((set) => set[schemes[scheme]] ?? [])
    return found.flatMap(({ hosts, methods }) =>
      hosts.map((host) => ({ scheme, host, ...(methods !== undefined && { methods }) })),
    )
  })

const socketGrantsOf = (asker: Asker, manifest: Manifest): readonly EgressGrant[] =>
  asker.grants.has(schemes.wss)
    ? declared(manifest, asker).flatMap((set) =>
        (set[schemes.wss]?.hosts ?? []).map((host) => ({ scheme: 'wss' as const, host })),
      )
    : []

const withheld = ({ id }: Asker, name: string, hosts: readonly string[]): Wanted => {
  const remedy = `"${name}" in the setting plugins.secrets["${id}"], which lets it be sent to ${hosts.join(', ')}`
  return { permission: 'data:secrets', target: name, scope: { names: [name] }, remedy }
}

/** Whether the operator left that secret to that plugin. */
export const mayUse = (
  { id, trust }: Asker,
  name: string,
  { secrets }: Pick<NetworkSettings, 'secrets'>,
): boolean => trust === 'first-party' || (Object.hasOwn(secrets, id) && secrets[id]!.includes(name))

const secretsOf = async (
  asker: Asker,
  manifest: Manifest,
  network: Network,
): Promise<readonly EgressSecret[]> => {
  const found: EgressSecret[] = []
  for (const [name, { inject, required }] of Object.entries(manifest.secrets)) {
    if (inject === undefined) continue
    const isLeft = mayUse(asker, name, network.settings)
    if (!isLeft && required) throw network.deny(withheld(asker, name, inject.hosts))
    const value = isLeft ? await network.secrets.get(name) : undefined
    if (value !== undefined) found.push({ ...inject, value, used: () => network.used(asker.id, name, value) })
    else if (required) throw missing(asker.id, name)
  }
  return found
}

export const missing = (id: string, name: string): ConfigurationError =>
  new ConfigurationError(
    'config.secret-missing',
    `${id} uses the secret ${name}, which has no value; run \`covent secrets set ${name}\`, or set COVENT_SECRET_${name} in the environment`,
  )

/** Hears of a secret that goes out for a plugin. */
export type SecretUse = (plugin: string, name: string, value: string) => void

export interface Network {
  readonly secrets: Secrets
  readonly settings: NetworkSettings
  deny(wanted: Wanted): PluginError
  readonly used: SecretUse
}

/** What a plugin may do outside at this moment: by its manifest, its grants and the operator's settings. */
export const networkPolicy = async (asker: Asker, network: Network): Promise<EgressPolicy> => {
  const { id, manifest } = asker
  if (manifest === undefined) return { caller: id, grants: [] }
  const { netBytesPerSecond, callTimeoutMs } = manifest.limits
  return {
    caller: id,
    grants: [...grantsOf(asker, manifest), ...socketGrantsOf(asker, manifest)],
    allowPrivate: network.settings.network.allowPrivate.includes(id),
    secrets: await secretsOf(asker, manifest, network),
    limits: {
      requestBytes: bodyCapBytes,
      responseBytes: bodyCapBytes,
      timeoutMs: Math.min(timeoutMs, callTimeoutMs),
      concurrency: requestsAtOnce,
      sockets: socketsAtOnce,
      messageBytes,
      bytesPerSecond: capped(netBytesPerSecond, network.settings.limits.netBytesPerSecond),
    },
  }
}
