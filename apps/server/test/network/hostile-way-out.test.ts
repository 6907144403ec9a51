import { createServer } from 'node:http'
import { describeWith } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { elsewhere, fetcher, networked } from './support.ts'

/*
 * H25 to H31 of the hostile suite, by a real plugin through the real way out. The broker is the host's, whatever the
 * plugin runs in: seen at the level of strangers, and in a thread, which has no wall of its own. `inline` needs a
 * process that loads modules in no way of its own, `process-weak` a machine without bubblewrap.
 */
const id = 'acme.fetcher'
const limits = 'limits: { callTimeoutMs: 5000 },'
const levels = [
  ['process', limits],
  ['worker', `${limits} isolation: 'worker',`],
] as const

type Attempt = readonly [id: string, url: string, request?: object]
interface Places {
  readonly granted: string
  readonly port: number
  readonly other: number
}

const attempts = ({ granted, port, other }: Places): readonly Attempt[] => [
  ['H25 a host that is not granted', `http://evil.com:${port}/`],
  ['H26 a redirect to the metadata address', `http://${granted}/metadata`],
  ['H26 a redirect to a host that is not granted', `http://${granted}/elsewhere`],
  ['H28 a NUL', `http://evil\u0000.api.there.com:${port}/`],
  ['H28 a NUL, encoded', `http://evil%00.api.there.com:${port}/`],
  ['H28 a suffix', `http://api.there.com.evil:${port}/`],
  ['H28 user information', `http://api.there.com:${port}@evil.com:${port}/`],
  ['H28 user information of the granted host', `http://user:word@${granted}/`],
  ['H28 a trailing dot', `http://api.there.com.:${port}/`],
  ['H28 a short address', `http://0x7f.1:${port}/`],
  ['H28 a number', `http://2130706433:${port}/`],
  ['H28 a mapped address', `http://[::ffff:127.0.0.1]:${port}/`],
  ['H28 a homograph', `http://аpi.there.com:${port}/`],
  ['H28 a full-width host', `http://evil。com:${port}/`],
  ['H29 another port', `http://api.there.com:${other}/`],
  ['H29 the port of SSH', 'http://api.there.com:22/'],
  ['H29 another scheme', `https://${granted}/`],
  ['H29 a file', 'file:///etc/passwd'],
  ['H30 a Host of its own', `http://${granted}/`, { headers: { Host: 'evil.com' } }],
  ['H30 a transfer encoding', `http://${granted}/`, { headers: { 'Transfer-Encoding': 'chunked' } }],
  ['H30 a length', `http://${granted}/`, { method: 'POST', body: 'x', headers: { 'Content-Length': '99' } }],
  ['H30 a line break in a value', `http://${granted}/`, { headers: { 'X-A': 'a\r\nHost: evil.com' } }],
  ['H30 a line break in a name', `http://${granted}/`, { headers: { 'X-A\r\nHost': 'evil.com' } }],
  ['H30 a method with a line break', `http://${granted}/`, { method: 'GET / HTTP/1.1\r\nX: y' }],
]

describeWith('bubblewrap', 'a hostile plugin on its way out', () => {
  it.each(levels)('gets nowhere by any of its tricks (%s)', async (level, more) => {
    const outside = await elsewhere((_, response) => response.end('internal'))
    const server = await elsewhere(({ url }, response) => {
      const location =
        url === '/metadata' ? 'http://169.254.169.254/latest/' : `http://evil.com:${outside.port}/`
      response.writeHead(url === '/' ? 200 : 302, { location }).end()
    })
    const granted = `api.there.com:${server.port}`
    const required = { 'net:outbound:http': { hosts: [granted], reason: 'For a test' } }
    const { host, call } = await networked({
      bundled: fetcher({ required, more }),
      plugins: { network: { allowPrivate: [id] } },
    })
    expect(host.list()[0]).toMatchObject({ state: 'ready', isolation: level })
    // That it can reach what it may is what gives the refusals a meaning.
    expect(await call(id, 'code', { url: `http://${granted}/` })).toBe(200)
    for (const [name, url, request] of attempts({ granted, port: server.port, other: outside.port })) {
      const before = server.requests.length
      const answer = await call(id, 'code', { url, ...request }).catch(
        (error: { code: string }) => error.code,
      )
      expect(answer, name).toMatch(/^(plugin\.(permission-denied|input-invalid)|egress\.[a-z]+-refused)$/)
      expect(server.requests.length - before, name).toBe(name.startsWith('H26') ? 1 : 0)
    }
    expect(outside.requests).toEqual([])
  })

  it.each(levels)('is not led elsewhere by a name that is bound anew (H27, %s)', async (_, more) => {
    const first = await elsewhere((__, response) => response.end('first'))
    let hits = 0
    const second = createServer((__, response) => (hits++, response.end('second')))
    await new Promise<void>((resolve) => second.listen(first.port, '127.0.0.2', resolve))
    onTestFinished(() => void second.close())
    let asked = 0
    const host = `api.there.com:${first.port}`
    const required = { 'net:outbound:http': { hosts: [host], reason: 'For a test' } }
    const bundled = fetcher({ required, more })
    const rebound = async () => [asked++ === 0 ? '127.0.0.1' : '127.0.0.2']
    const open = { network: { allowPrivate: [id] } }
    const { call } = await networked({ bundled, plugins: open, resolve: rebound })
    expect(await call(id, 'fetch', { url: `http://${host}/` })).toMatchObject({ text: 'first' })
    expect([asked, hits]).toEqual([1, 0])
    const closed = await networked({ bundled, resolve: rebound })
    expect(await closed.call(id, 'code', { url: `http://${host}/` })).toBe('plugin.permission-denied')
    expect(hits).toBe(0)
  })

  it.each(levels)('never sees a secret that it uses (H31, %s)', async (_, more) => {
    const value = 'sk-of-the-operator-1'
    const seen: unknown[] = []
    const server = await elsewhere(({ headers }, response) => {
      const key = String(headers['x-key'] ?? 'none')
      seen.push(key)
      response.setHeader('x-reflected', key)
      response.end(JSON.stringify([key, Buffer.from(key).toString('base64'), encodeURIComponent(key)]))
    })
    const [bound, other] = [`api.there.com:${server.port}`, `other.com:${server.port}`]
    const { call } = await networked({
      bundled: fetcher({
        required: { 'net:outbound:http': { hosts: [bound, other], reason: 'For a test' } },
        secrets: { THE_KEY: { description: 'The key', inject: { header: 'X-Key', hosts: [bound] } } },
        more,
      }),
      plugins: { network: { allowPrivate: [id] } },
      secrets: { THE_KEY: value },
    })
    const answers = [
      await call(id, 'fetch', { url: `http://${bound}/` }),
      await call(id, 'fetch', { url: `http://${other}/` }),
      await call(id, 'fetch', { url: `http://${bound}/`, headers: { 'X-Key': 'mine' } }),
    ]
    expect(seen).toEqual([value, 'none', value])
    const text = JSON.stringify(answers)
    for (const form of [
      value,
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('base64url'),
    ])
      expect(text).not.toContain(form)
  })
})
