import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { guard, outcome, outside, textOf, toHosts } from './outside.ts'

const closed = [
  '127.0.0.1',
  '127.9.9.9',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '::1',
  'fd12:3456::1',
]
const never = [
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '198.18.0.1',
  '240.0.0.1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:0:1::',
  'not an address',
]

/** What a fetch without pinning does: it checks one answer of the resolver and connects to another. */
const naive = async (url: URL, resolve: (host: string) => Promise<readonly string[]>): Promise<string> => {
  if ((await resolve(url.hostname)).includes('127.0.0.1')) throw new Error('refused')
  const lookup = (_: string, __: object, done: (error: null, found: object[]) => void): void =>
    void resolve(url.hostname).then(([address]) => done(null, [{ address, family: 4 }]))
  return new Promise((done) =>
    get(url, { lookup: lookup as never }, (response) => response.on('data', (data) => done(String(data)))),
  )
}

describe('where a name may lead', () => {
  it.each(closed)('refuses %s unless the operator opened private addresses', async (address) => {
    const egress = guard({ resolve: async () => [address] })
    const request = { url: 'http://allowed.com/' }
    const policy = toHosts(['allowed.com'], { allowPrivate: false })
    expect(await outcome(egress, request, policy)).toBe('egress.address-refused')
  })

  it.each(never)('refuses %s to everybody', async (address) => {
    const egress = guard({ resolve: async () => [address] })
    const policy = toHosts(['allowed.com'], { allowPrivate: true })
    expect(await outcome(egress, { url: 'http://allowed.com/' }, policy)).toBe('egress.address-refused')
  })

  it('refuses a name of which one address is closed, whichever stands first', async () => {
    for (const addresses of [
      ['93.184.215.14', '127.0.0.1'],
      ['127.0.0.1', '93.184.215.14'],
    ]) {
      const policy = toHosts(['allowed.com'], { allowPrivate: false })
      const egress = guard({ resolve: async () => addresses })
      expect(await outcome(egress, { url: 'http://allowed.com/' }, policy)).toBe('egress.address-refused')
    }
  })

  it('says that a name has no address', async () => {
    const policy = toHosts(['allowed.com'])
    const failing = guard({ resolve: () => Promise.reject(new Error('SERVFAIL')) })
    expect(await outcome(failing, { url: 'http://allowed.com/' }, policy)).toBe('egress.name-unresolved')
    const empty = guard({ resolve: async () => [] })
    expect(await outcome(empty, { url: 'http://allowed.com/' }, policy)).toBe('egress.name-unresolved')
  })

  it('connects to the address that it checked, though the name is bound to another by then', async () => {
    const internal = await outside((_, response) => response.end('internal'))
    const url = `http://rebind.com:${internal.port}/`
    const rebinding = () => {
      let asked = 0
      // The first answer stands for a public address: nothing listens there.
      return async () => (asked++ === 0 ? ['127.0.0.2'] : ['127.0.0.1'])
    }
    expect(await naive(new URL(url), rebinding())).toBe('internal')
    expect(internal.requests).toHaveLength(1)
    const egress = guard({ resolve: rebinding() })
    const policy = toHosts([`rebind.com:${internal.port}`], { limits: { timeoutMs: 2_000 } })
    expect(await outcome(egress, { url }, policy)).toBe('egress.connection-failed')
    expect(internal.requests).toHaveLength(1)
  })

  it('refuses the name as soon as it is bound to a private address, kept connections or not', async () => {
    const { port, requests } = await outside()
    let address = '127.0.0.1'
    const egress = guard({ resolve: async () => [address] })
    const policy = toHosts([`rebind.com:${port}`])
    expect(await outcome(egress, { url: `http://rebind.com:${port}/` }, policy)).toBe(200)
    address = '169.254.169.254'
    expect(await outcome(egress, { url: `http://rebind.com:${port}/` }, policy)).toBe(
      'egress.address-refused',
    )
    expect(requests).toHaveLength(1)
  })

  it('keeps connections open for the caller that opened them, and for no other', async () => {
    const { port, connections } = await outside()
    const egress = guard()
    const request = { url: `http://allowed.com:${port}/` }
    const policy = toHosts([`allowed.com:${port}`])
    for (let n = 0; n < 3; n++) expect(textOf(await egress.fetch(request, policy))).toBe('hello')
    expect(connections()).toBe(1)
    await egress.fetch(request, { ...policy, caller: 'acme.other' })
    expect(connections()).toBe(2)
  })
})
