import { type Egress, EgressError, type EgressGrant, type EgressPolicy } from '@covent/core'
import type { HttpFixture, SentRequest } from '@covent/plugin-sdk/testing'

const defaultPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' }

const covers = (granted: string, { hostname, port, protocol }: URL): boolean => {
  const [name = '', grantedPort = defaultPorts[protocol]] = granted.split(':')
  const isNamed = name.startsWith('*.')
    ? hostname.slice(hostname.indexOf('.')) === name.slice(1)
    : hostname === name
  return isNamed && (port || defaultPorts[protocol]) === grantedPort
}

const allows = (grants: readonly EgressGrant[], url: URL): readonly EgressGrant[] =>
  grants.filter(({ scheme, host }) => `${scheme}:` === url.protocol && covers(host, url))

/** The same refusals as of the real way out, as far as they go by the policy. */
const checkGranted = ({ grants }: EgressPolicy, url: URL, method: string): void => {
  const found = allows(grants, url)
  const port = Number(url.port || defaultPorts[url.protocol])
  const data = { scheme: url.protocol.slice(0, -1), host: url.hostname, port, method }
  if (found.length === 0)
    throw new EgressError('egress.host-refused', `${url.origin} is not granted`, { data })
  if (!found.some(({ methods }) => methods === undefined || methods.includes(method)))
    throw new EgressError('egress.method-refused', `${method} to ${url.origin} is not granted`, { data })
}

const secretHeaders = ({ secrets = [] }: EgressPolicy, url: URL): Readonly<Record<string, string>> =>
  Object.fromEntries(
    secrets
      .filter(({ hosts }) => hosts.some((host) => covers(host, url)))
      .map(({ header, format, value, used }) => {
        used?.()
        return [header.toLowerCase(), format.replace('{value}', () => value)]
      }),
  )

const answerOf = ({ status = 200, headers = {}, json, text = '' }: HttpFixture, url: string) => {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const type = json === undefined ? [] : [['content-type', 'application/json'] as const]
  const body = Buffer.from(json === undefined ? text : JSON.stringify(json))
  return { url, status, headers: Object.fromEntries([...type, ...named]), body: new Uint8Array(body) }
}

/** A way out that leads to fixtures, by the grants that the real one goes by. */
export const fixtureEgress = (
  fixtures: Readonly<Record<string, HttpFixture>>,
  sent: SentRequest[],
): Egress => {
  const known = new Map(
    Object.entries(fixtures).map(([key, fixture]) => {
      const [method = '', url = ''] = key.split(' ')
      return [`${method} ${URL.parse(url)?.href ?? url}`, fixture]
    }),
  )
  const none = (): Promise<never> =>
    Promise.reject(
      new EgressError('egress.connection-failed', 'a test host has no network beside its http fixtures'),
    )
  return {
    async fetch({ url: text, method = 'GET', headers = {}, body }, policy) {
      const url = URL.parse(text)
      if (url === null || !Object.hasOwn(defaultPorts, url.protocol))
        throw new EgressError('egress.url-refused', `${text} is no http or https URL`)
      checkGranted(policy, url, method)
      const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
      const all = { ...Object.fromEntries(own), ...secretHeaders(policy, url) }
      const request = `${method} ${url.href}`
      sent.push({ method, url: url.href, headers: all, body: Buffer.from(body ?? []).toString() })
      const fixture = known.get(request)
      if (fixture !== undefined) return answerOf(fixture, url.href)
      const words = `there is no fixture for it; add ${JSON.stringify(request)} to the http of testHost`
      throw new EgressError('egress.connection-failed', `${request}: ${words}`)
    },
    connect: none,
    resolve: none,
  }
}
