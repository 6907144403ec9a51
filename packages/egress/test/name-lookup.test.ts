import { describe, expect, it } from 'vitest'
import { guard } from './outside.ts'

const policy = { caller: 'acme.test', names: ['a.com', '*.wild.com'] }
const open = (addresses: readonly string[]) => guard({ resolve: async () => addresses })
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as { readonly code: string }).code,
  )

describe('looking up names', () => {
  it('tells the addresses of granted names', async () => {
    const egress = open(['93.184.215.14', '2606:2800::1'])
    expect(await egress.resolve('a.com', policy)).toEqual(['93.184.215.14', '2606:2800::1'])
    expect(await egress.resolve('X.wild.com', policy)).toHaveLength(2)
  })

  it.each([
    ['b.com', 'egress.host-refused'],
    ['sub.a.com', 'egress.host-refused'],
    ['a.b.wild.com', 'egress.host-refused'],
    ['a.com.', 'egress.url-refused'],
    ['a.com/@b.com', 'egress.url-refused'],
    ['a.com:80', 'egress.url-refused'],
    ['u@a.com', 'egress.url-refused'],
    ['127.1', 'egress.url-refused'],
    ['', 'egress.url-refused'],
  ])('answers %j with %s', async (name, code) => {
    expect(await codeOf(open(['93.184.215.14']).resolve(name, policy))).toBe(code)
  })

  it('tells private addresses only where the operator says so, and metadata never', async () => {
    const inside = open(['10.0.0.7'])
    expect(await codeOf(inside.resolve('a.com', policy))).toBe('egress.address-refused')
    expect(await inside.resolve('a.com', { ...policy, allowPrivate: true })).toEqual(['10.0.0.7'])
    const metadata = open(['169.254.169.254'])
    expect(await codeOf(metadata.resolve('a.com', { ...policy, allowPrivate: true }))).toBe(
      'egress.address-refused',
    )
  })

  it('answers ten questions of a caller in a second, and those of another one all the same', async () => {
    const clock = { now: () => 0, monotonic: () => 0, sleep: () => new Promise<void>(() => {}) }
    const egress = guard({ clock, resolve: async () => ['93.184.215.14'] })
    for (let n = 0; n < 10; n++) expect(await codeOf(egress.resolve('a.com', policy))).toBe('none')
    expect(await codeOf(egress.resolve('a.com', policy))).toBe('egress.busy')
    expect(await codeOf(egress.resolve('a.com', { ...policy, caller: 'acme.other' }))).toBe('none')
  })
})
