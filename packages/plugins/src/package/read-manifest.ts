import { createRequire } from 'node:module'
import { PluginError } from '@covent/core'
import { type Manifest, manifestSchema, reachOf } from '@covent/plugin-sdk/manifest'
import { valid, validRange } from 'semver'
import { boundsProblem } from './manifest-bounds.ts'

const hostsOf = ({ permissions: { required, optional }, secrets }: Manifest): readonly string[] => [
  ...[required, optional].flatMap((set) => [
    ...(set['net:outbound:https']?.hosts ?? []),
    ...(set['net:outbound:http']?.hosts ?? []),
    ...(set['net:outbound:websocket']?.hosts ?? []),
    ...(set['net:dns']?.names ?? []),
  ]),
  ...Object.values(secrets).flatMap(({ inject }) => inject?.hosts ?? []),
]

/** The list costs 60 ms and 11 MB, so that only a wildcard loads it. */
const isPublicSuffix = (domain: string): boolean => {
  const { getPublicSuffix } = createRequire(import.meta.url)('tldts') as typeof import('tldts')
  return getPublicSuffix(domain, { allowPrivateDomains: true }) === domain
}

/** `*.github.io` would be everybody's site: below a public suffix anybody registers names. */
const openWildcard = (manifest: Manifest): string | undefined =>
  hostsOf(manifest).find((host) => {
    const parent = host.replace(/:\d+$/, '').slice(2)
    return host.startsWith('*.') && isPublicSuffix(parent)
  })

const brokenRange = ({ engines, dependsOn, uses }: Manifest): string | undefined =>
  [...Object.values(engines), ...Object.values(dependsOn), ...uses.map(({ range }) => range)].find(
    (range) => validRange(range) === null,
  )

/** A package that was built before these words were written is read as if they stood in it. */
const withReach = (manifest: Manifest): Manifest => ({
  ...manifest,
  isolation: { ...manifest.isolation, ...reachOf(manifest.permissions) },
})

/** What a manifest says, where it is one; `refusal` makes the error of everything else. */
export const readManifest = (said: unknown, refusal: (why: string) => PluginError): Manifest => {
  const problem = boundsProblem(said)
  if (problem !== undefined) throw refusal(problem)
  const result = manifestSchema.safeParse(said)
  if (!result.success) {
    const { path, message } = result.error.issues[0]!
    throw refusal(`${path.map(String).join('.')}: ${message}`)
  }
  const { version } = result.data
  if (valid(version) === null) throw refusal(`"${version}" is no version such as 1.0.0 or 2.1.0-beta.1`)
  const range = brokenRange(result.data)
  if (range !== undefined) throw refusal(`"${range}" is no range of versions such as ^1.2.0 or >=1.2 <3`)
  const host = openWildcard(result.data)
  if (host === undefined) return withReach(result.data)
  throw refusal(`${host} covers names that anybody can register; name the hosts that you need`)
}
