import { BlockList, isIP } from 'node:net'
import { EgressError } from '@covent/core'

/** `resolve` of a name, for all that connect to it. */
export type Resolve = (host: string) => Promise<readonly string[]>

type Kind = 'public' | 'private' | 'never'

const list = (v4: readonly string[], v6: readonly string[]): BlockList => {
  const ranges = new BlockList()
  for (const [family, all] of [['ipv4', v4] as const, ['ipv6', v6] as const])
    for (const range of all) {
      const [net, prefix] = range.split('/') as [string, string]
      ranges.addSubnet(net, Number(prefix), family)
    }
  return ranges
}

/** An operator may open these: loopback, private, shared (carrier-grade) and unique local. */
const closed = list(
  ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['::1/128', 'fc00::/7'],
)

/** Nobody may: link-local and metadata services, "this network", documentation, benchmarks, multicast, reserved. */
const never = list(
  [
    '0.0.0.0/8',
    '100.100.100.200/32', // metadata of Alibaba Cloud
    '168.63.129.16/32', // the host of an Azure machine
    '169.254.0.0/16',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ],
  ['fd00:ec2::254/128', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
)
/** All of IPv6 that is routed; mapped, translated and other embedded IPv4 addresses lie outside it. */
const routed = list([], ['2000::/3'])

const kindOf = (address: string): Kind => {
  const version = isIP(address)
  if (version === 0 || address.includes('%')) return 'never'
  if (version === 4) {
    if (never.check(address, 'ipv4')) return 'never'
    return closed.check(address, 'ipv4') ? 'private' : 'public'
  }
  // A mapped address would match the IPv4 rules too; it is refused whatever it holds.
  if (/^::ffff:/i.test(address) || never.check(address, 'ipv6')) return 'never'
  if (closed.check(address, 'ipv6')) return 'private'
  return routed.check(address, 'ipv6') ? 'public' : 'never'
}

export interface Checked {
  readonly addresses: readonly string[]
  /** True where each of them lies in a network that the operator opened. */
  readonly isPrivate: boolean
}

export interface AddressRules {
  readonly resolve: Resolve
  readonly allowPrivate: boolean
}

/** The addresses of a name, each of which may be connected to; one that may not refuses them all. */
export const checkedAddresses = async (
  host: string,
  { resolve, allowPrivate }: AddressRules,
): Promise<Checked> => {
  const addresses = await resolve(host).catch((cause: unknown) => unresolved(host, cause))
  if (addresses.length === 0) return unresolved(host)
  const kinds = addresses.map(kindOf)
  if (kinds.includes('never')) throw refusal(host, false)
  if (kinds.includes('private') && !allowPrivate) throw refusal(host, true)
  return { addresses, isPrivate: kinds.every((kind) => kind === 'private') }
}

const refusal = (host: string, canBeAllowed: boolean): EgressError => {
  const what = canBeAllowed
    ? 'a private or loopback address, which its caller may not reach'
    : 'an address that no request may go to (metadata, link-local, reserved)'
  return new EgressError('egress.address-refused', `${host} stands for ${what}`, {
    data: { host, canBeAllowed },
  })
}

const unresolved = (host: string, cause?: unknown): never => {
  throw new EgressError('egress.name-unresolved', `${host} has no address`, { cause })
}
