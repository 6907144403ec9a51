import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { clientOf, startServer } from './support.ts'

const body = { model: 'covent/assistant', messages: [{ role: 'user', content: 'Hello!' }], max_tokens: 100 }

it('answers until the budget of the day is used up, also over a restart', async () => {
  const home = temporaryFolder()
  const start = (tokensPerDay: number) =>
    startServer(home, { COVENT_BUDGETS__PER_PRINCIPAL__TOKENS_PER_DAY: `${tokensPerDay}` })
  const first = await start(100_000)
  const client = await clientOf(first, home)
  const answer = (await (await client.post('/v1/chat/completions', body)).json()) as {
    usage: { total_tokens: number }
  }
  const used = answer.usage.total_tokens
  expect(used).toBeGreaterThan(0)
  await first.kill()
  const second = await start(used)
  const refused = await fetch(`${second.ready.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${client.key}` },
    body: JSON.stringify(body),
  })
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({
    error: { code: 'limit.budget-exceeded', message: expect.stringContaining('0 are left') as string },
  })
})
