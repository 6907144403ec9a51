import { expect, it } from 'vitest'
import { covent, json } from './support/command.ts'
import { startServer } from './support/server.ts'

it('shows a new pairing code each time, and lists and revokes devices', async () => {
  const { home } = await startServer()
  const offers = [await covent(home, ['pair', '--json']), await covent(home, ['pair', '--json'])]
  const codes = offers.map((ran) => json<{ code: string; expiresAt: string }>(ran).code)
  for (const code of codes) expect(code).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/)
  expect(codes[0]).not.toBe(codes[1])
  expect((await covent(home, ['pair', '--role', 'owner'])).stdout).toMatch(/^\S{9}\n$/)
  expect(await covent(home, ['pair', '--role', 'king'])).toMatchObject({ code: 2 })
  expect(json(await covent(home, ['devices', 'list', '--json']))).toEqual([])
  const none = await covent(home, ['devices', 'revoke', `dev_${'0'.repeat(26)}`, '--json'])
  expect([none.code, json(none)]).toMatchObject([1, { error: { code: 'request.not-found' } }])
})
