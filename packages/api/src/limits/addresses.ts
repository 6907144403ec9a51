import { BlockList, isIP, isIPv4 } from 'node:net'

/** `::ffff:10.0.0.1`, as a socket of both families says it, is 10.0.0.1. */
export const plainAddress = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? address
}

/** Whether an address lies in one of the ranges, each `address/bits`. */
export const inRanges = (ranges: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList()
  const family = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6')
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    list.addSubnet(network, Number(bits), family(network))
  }
  if (ranges.length === 0) return () => false
  return (address) => isIP(address) !== 0 && list.check(address, family(address))
}

const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'))

/** By what a peer is told apart: an IPv4 address, or the first half of an IPv6 one, of which one household has the rest. */
export const peerKey = (address: string): string => {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const width = after.at(-1)?.includes('.') === true ? after.length + 1 : after.length
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - width)
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
