import { temporaryFolder } from '@covent/testing'
import { generate } from 'otplib'
import { describe, expect, it } from 'vitest'
import { cookieOf, pairedDevice, postJson } from './device.ts'
import { overSocket, startServer } from './support.ts'

const opened = async (role = 'user') => {
  const home = temporaryFolder()
  const server = await startServer(home)
  const { url } = server.ready
  const device = await pairedDevice(url, home, role)
  const answer = await device.signIn()
  const cookie = cookieOf(answer)
  const { id: sessionId } = (await answer.json()) as { id: string }
  const own = { cookie, origin: url }
  const begin = async (headers: Readonly<Record<string, string>>) =>
    (await postJson(`${url}/api/conversations`, {}, headers)).status
  const read = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${url}/api/conversations`, { headers })).status
  return { home, server, url, device, answer, cookie, sessionId, own, begin, read }
}

const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code

describe('the cookie of a session', () => {
  it('is bound to this host and installation, and out of reach of scripts and other sites', async () => {
    const { answer, begin, read, own, cookie } = await opened()
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-covent-[0-9a-f]{8}=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    )
    expect(await begin(own)).toBe(201)
    expect(await read({ cookie })).toBe(200)
  })

  it('counts for no page of another origin, another port of this machine among them', async () => {
    const { url, begin, read, cookie } = await opened()
    const other = url.replace(/\d+$/, '3000')
    const alias = url.replace('127.0.0.1', 'localhost')
    for (const origin of [other, alias, url.replace('http:', 'https:'), 'http://evil.test', 'null']) {
      expect([origin, await begin({ cookie, origin })]).toEqual([origin, 403])
      expect([origin, await read({ cookie, origin })]).toEqual([origin, 403])
    }
    expect(await begin({ cookie })).toBe(403)
    for (const site of ['cross-site', 'same-site'])
      expect(await read({ cookie, 'sec-fetch-site': site })).toBe(403)
    expect(await read({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(200)
  })

  it('counts once: not beside a second one, nor as a key', async () => {
    const { cookie, read } = await opened()
    const token = cookie.split('=')[1]!
    expect(await read({ cookie: `${cookie}; ${cookie}` })).toBe(401)
    expect(await read({ cookie: cookie.replace('__Host-', '') })).toBe(401)
    expect(await read({ authorization: `Bearer ${token}` })).toBe(401)
    expect(await read({ cookie, authorization: 'Bearer wrong' })).toBe(401)
  })

  it('is a new one at each sign-in, whatever the request brings, and ends the one before', async () => {
    const { device, cookie, url, read } = await opened()
    const name = cookie.split('=')[0]!
    const fixed = `${name}=${'A'.repeat(43)}`
    const again = cookieOf(await device.signIn({ cookie: fixed }))
    expect(again).not.toBe(fixed)
    expect(await read({ cookie: fixed })).toBe(401)
    const next = cookieOf(await device.signIn({ cookie, origin: url }))
    expect([await read({ cookie }), await read({ cookie: next })]).toEqual([401, 200])
  })

  it('ends at sign-out, and with its device', async () => {
    const { home, url, device, own, cookie, sessionId, read } = await opened()
    const other = cookieOf(await device.signIn())
    const list = await fetch(`${url}/api/sessions`, { headers: own })
    const { items } = (await list.json()) as { items: { id: string; current: boolean }[] }
    expect(items.filter(({ current }) => current).map(({ id }) => id)).toEqual([sessionId])
    const out = await fetch(`${url}/api/sessions/${sessionId}`, { method: 'DELETE', headers: own })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/=; .*Max-Age=0$/),
    ])
    expect([await read({ cookie }), await read({ cookie: other })]).toEqual([401, 200])
    await overSocket(home, { method: 'DELETE', path: `/api/devices/${device.id}` })
    expect(await read({ cookie: other })).toBe(401)
    expect((await device.signIn()).status).toBe(401)
  })

  it('survives a restart of the server', async () => {
    const { home, server, cookie } = await opened()
    await server.stop()
    const again = await startServer(home)
    const answer = await fetch(`${again.ready.url}/api/conversations`, { headers: { cookie } })
    expect(answer.status).toBe(200)
  })

  it('ends for nobody who owns another one', async () => {
    const { home, url, sessionId, read, cookie } = await opened()
    const headers = { cookie: cookieOf(await (await pairedDevice(url, home, 'owner')).signIn()), origin: url }
    const end = await fetch(`${url}/api/sessions/${sessionId}`, { method: 'DELETE', headers })
    expect(end.status).toBe(404)
    expect(await read({ cookie })).toBe(200)
  })
})

describe('signing in', () => {
  it('takes no proof twice, nor one that was signed for another origin', async () => {
    const { url, device } = await opened()
    const sent = { device: device.id, ...(await device.proof('session')) }
    expect((await postJson(`${url}/api/sessions`, sent)).status).toBe(201)
    expect(await codeOf(await postJson(`${url}/api/sessions`, sent))).toBe('auth.proof-invalid')
    const relayed = { device: device.id, ...(await device.proof('session', 'http://evil.test')) }
    expect(await codeOf(await postJson(`${url}/api/sessions`, relayed))).toBe('auth.proof-invalid')
  })

  it('gives no cookie over plain HTTP under a name that is not of this machine', async () => {
    const home = temporaryFolder()
    const server = await startServer(home, { COVENT_HTTP__ALLOWED_HOSTS: '["covent.test"]' })
    const device = await pairedDevice(server.ready.url, home)
    const body = JSON.stringify({
      device: device.id,
      ...(await device.proof('session', 'http://covent.test')),
    })
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'covent.test', 'content-type': 'application/json' }
      const sent = request(`${server.ready.url}/api/sessions`, { method: 'POST', headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      sent.on('error', reject).end(body)
    })
    expect(status).toBe(403)
  })

  it('stands in the audit with its failures, and so do changes of keys and devices', async () => {
    const { home, url, device } = await opened()
    await postJson(`${url}/api/sessions`, { device: device.id, ...(await device.proof('pair')) })
    await fetch(`${url}/api/keys`, { headers: { authorization: 'Bearer wrong' } })
    await overSocket(home, { method: 'POST', path: '/api/keys', body: { name: 'ci', role: 'user' } })
    await overSocket(home, { method: 'DELETE', path: `/api/devices/${device.id}` })
    const { text } = await overSocket(home, { method: 'GET', path: '/api/audit?limit=200' })
    const { items } = JSON.parse(text) as {
      items: { actor: { id: string }; action: string; outcome: string; code?: string }[]
    }
    const lines = items.map(({ actor, action, outcome, code = '' }) => [actor.id, action, outcome, code])
    for (const line of [
      ['local', 'pairing.offer', 'allowed', ''],
      [device.id, 'device.pair', 'allowed', ''],
      ['anonymous', 'session.open', 'denied', 'auth.proof-invalid'],
      ['anonymous', 'auth.sign-in', 'denied', 'auth.credential-invalid'],
      ['local', 'key.create', 'allowed', ''],
      ['local', 'device.revoke', 'allowed', ''],
    ])
      expect(lines).toContainEqual(line)
    expect(lines).toContainEqual([device.id, 'session.open', 'allowed', ''])
    expect(
      lines.filter(([, action, outcome]) => action === 'session.open' && outcome === 'allowed'),
    ).toHaveLength(1)
  })
})

describe('who guesses pairing codes', () => {
  it('is stopped by the limit of their peer, and neither keys nor sessions of others notice', async () => {
    const { home, url, cookie, read, device } = await opened('owner')
    await overSocket(home, { method: 'POST', path: '/api/pairing', body: { role: 'user' } })
    const guess = async () => {
      const proof = await device.proof('pair')
      const body = { code: 'AAAA-AAAA', name: 'x', publicKey: device.publicKey, ...proof }
      return codeOf(await postJson(`${url}/api/devices`, body))
    }
    const codes = []
    for (let n = 0; n < 8; n++) codes.push(await guess())
    expect(codes).not.toContain(undefined)
    expect(codes.at(-1)).toBe('limit.exceeded')
    expect(await read({ cookie })).toBe(200)
    expect((await device.signIn()).status).toBe(201)
  })
})

describe('a session whose device has a second factor', () => {
  it('proves it before it changes the server, and does what is its own without', async () => {
    const { url, home, device, own } = await opened('owner')
    const enrol = await fetch(`${url}/api/second-factor`, { method: 'POST', headers: own })
    const { secret } = (await enrol.json()) as { secret: string }
    const code = await generate({ secret })
    expect((await postJson(`${url}/api/second-factor/proof`, { code }, own)).status).toBe(200)
    const makeKey = async (headers: Readonly<Record<string, string>>) =>
      (await postJson(`${url}/api/keys`, { name: 'new', role: 'guest' }, headers)).json()
    expect(await makeKey(own)).toHaveProperty('key')

    const next = { origin: url, cookie: cookieOf(await device.signIn()) }
    expect(await makeKey(next)).toMatchObject({ code: 'auth.proof-owed', status: 403 })
    expect((await postJson(`${url}/api/conversations`, {}, next)).status).toBe(201)
    for (const method of ['POST', 'DELETE']) {
      const answer = await fetch(`${url}/api/second-factor`, { method, headers: next })
      expect([method, answer.status]).toEqual([method, 403])
    }
    const used = await postJson(`${url}/api/second-factor/proof`, { code }, next)
    expect([used.status, await codeOf(used)]).toEqual([401, 'auth.code-invalid'])
    const { text } = await overSocket(home, { method: 'GET', path: '/api/audit?limit=100' })
    expect(text).toContain('second-factor.prove')
    expect(text).not.toContain(secret)
  })

  it('is none of a key', async () => {
    const { url, home } = await opened()
    const made = await overSocket(home, {
      method: 'POST',
      path: '/api/keys',
      body: { name: 'k', role: 'owner' },
    })
    const { key } = JSON.parse(made.text) as { key: string }
    const headers = { authorization: `Bearer ${key}` }
    expect((await fetch(`${url}/api/second-factor`, { method: 'POST', headers })).status).toBe(400)
  })
})
