import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readPackage } from '../../src/package.ts'
import { pack, unpack } from '../../src/package/archive.ts'
import { bytesOf, type Entry, packageOf, tgzOf } from './support.ts'

const file = (name: string, body = 'text'): Entry => ({ name, body })
const zeros = (count: number): Uint8Array => new Uint8Array(count)

describe('the archive of a package', () => {
  it('is the same for the same files, in whatever order they come', async () => {
    const one = pack(
      new Map([
        ['b.md', bytesOf('b')],
        ['a/c.md', bytesOf('c')],
      ]),
    )
    const other = pack(
      new Map([
        ['a/c.md', bytesOf('c')],
        ['b.md', bytesOf('b')],
      ]),
    )
    expect(Buffer.compare(one, other)).toBe(0)
    expect([...(await unpack(one))].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['a/c.md', 'c'],
      ['b.md', 'b'],
    ])
  })

  it('is read as other tools write it, when they write it plainly', async () => {
    expect([...(await unpack(tgzOf(file('a.md'), file('b.md')))).keys()]).toEqual(['a.md', 'b.md'])
  })

  it.each<[string, RegExp, readonly Entry[]]>([
    ['a symbolic link', /is a symbolic link/, [{ name: 'a', kind: '2', linkname: '/etc/passwd' }]],
    ['a hard link', /is a hard link/, [{ name: 'a', kind: '1', linkname: '../b' }]],
    ['a device', /is a device/, [{ name: 'a', kind: '3' }]],
    ['a pipe', /is a pipe/, [{ name: 'a', kind: '6' }]],
    ['a folder entry', /is a folder entry/, [{ name: 'a', kind: '5' }]],
    ['a long-name header', /is no plain file/, [{ name: 'a', kind: 'L', body: '../../etc/passwd' }]],
    ['a pax header', /is no plain file/, [{ name: 'a', kind: 'x', body: '20 path=../../evil\n' }]],
    ['an absolute name', /"\/etc\/cron" is not allowed/, [file('/etc/cron')]],
    ['a name that climbs', /is not allowed/, [file('assets/../../evil')]],
    ['a hidden name', /is not allowed/, [file('.npmrc')]],
    ['a name with a backslash', /is not allowed/, [file('a\\b')]],
    ['a name with an empty part', /is not allowed/, [file('a//b')]],
    ['an empty name', /not packed as/, [file('')]],
    ['a file twice', /stands in it twice/, [file('a'), file('a', 'other')]],
    ['names that differ in case only', /share a name/, [file('A'), file('a')]],
    ['a file that is a folder too', /is a file and a folder/, [file('a'), file('a/b')]],
    ['files out of order', /not packed as/, [file('b'), file('a')]],
    ['a size that is no number', /the size of a is not a number/, [{ name: 'a', size: '-0000000001\0' }]],
    ['a size beyond the end', /a is cut off/, [{ name: 'a', size: '00077777777\0' }]],
    ['too many files', /more than 200 files/, Array.from({ length: 201 }, (_, n) => file(`f${n}`))],
  ])('is refused with %s', async (_, reason, entries) => {
    await expect(unpack(tgzOf(...entries))).rejects.toMatchObject({
      code: 'plugin.package-invalid',
      message: expect.stringMatching(reason) as string,
    })
  })

  it.each<[string, Uint8Array]>([
    ['no gzip', bytesOf('hello')],
    ['a bomb', gzipSync(zeros(64 * 1_048_576))],
    ['something behind its end', gzipSync(Buffer.concat([gunzipSync(packageOf()), zeros(512)]))],
    ['a second gzip member', Buffer.concat([packageOf(), gzipSync(bytesOf('more'))])],
  ])('is refused when it is or has %s', async (_, packed) => {
    await expect(unpack(packed)).rejects.toMatchObject({ code: 'plugin.package-invalid' })
  })

  it('is refused when it would take more than 10 MB', () => {
    expect(() => pack(new Map([['a', zeros(10_485_760)]]))).toThrow(/more than 10485760 bytes/)
  })
})

describe('a package', () => {
  it('holds the code, its manifest, and what stands beside it', async () => {
    const { plugin, contents, files } = await readPackage(
      packageOf({}, new Map([['README.md', bytesOf('# Hi')]])),
    )
    expect([plugin.id, plugin.version]).toEqual(['acme.clock', '1.0.0'])
    expect([...contents.keys()]).toEqual(['README.md', 'plugin.json', 'plugin.mjs'])
    expect(Object.keys(files)).toEqual(['README.md', 'plugin.mjs'])
  })

  const changed = async (change: (files: Map<string, Uint8Array>) => void): Promise<string> => {
    const files = new Map(await unpack(packageOf()))
    change(files)
    return readPackage(pack(files)).then(
      () => 'taken',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    )
  }
  const inManifest = (words: RegExp, other: string) => (files: Map<string, Uint8Array>) =>
    void files.set(
      'plugin.json',
      bytesOf(Buffer.from(files.get('plugin.json')!).toString().replace(words, other)),
    )

  it.each<[string, RegExp, (files: Map<string, Uint8Array>) => void]>([
    ['other code', /plugin.mjs is not the file/, (files) => files.set('plugin.mjs', bytesOf('evil'))],
    ['a file too many', /extra.md is not listed/, (files) => files.set('extra.md', bytesOf('x'))],
    ['no code', /plugin.mjs is missing/, (files) => files.delete('plugin.mjs')],
    ['no manifest', /no plugin.json/, (files) => files.delete('plugin.json')],
    ['an unknown key in its manifest', /plugin.json: /, inManifest(/"main"/, '"evil": 1, "main"')],
    ['another main', /plugin.json: main/, inManifest(/"plugin.mjs",/, '"../x.mjs",')],
    ['a manifest that is no JSON', /not a JSON object/, inManifest(/^\{/, '')],
    [
      'a manifest that lists itself',
      /cannot be listed/,
      inManifest(/"files": \{/, `"files": { "plugin.json": "sha256-${'A'.repeat(43)}=",`),
    ],
  ])('is refused with %s', async (_, reason, change) => {
    const outcome = await changed(change)
    expect(outcome).toMatch(/^plugin\.package-invalid/)
    expect(outcome).toMatch(reason)
  })
})
