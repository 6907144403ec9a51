import { expect, it } from 'vitest'
import { agentBench } from './support/agent-bench.ts'

const rate = { limit: 2, windowSeconds: 60 }

it('refuses a turn too many of a character before anything is accepted, and joins a repeat all the same', async () => {
  const bench = await agentBench()
  const { agent, say, database } = await bench.live({ rate })
  await say('one')
  await say('two', { key: 'again' })
  await expect(say('three')).rejects.toMatchObject({ code: 'limit.exceeded' })
  await expect(say('two', { key: 'again' })).resolves.toBeDefined()
  const { items } = await database.stores.messages.page('talk', { limit: 50 })
  expect(items.filter(({ role }) => role === 'user').map(({ text }) => text)).toEqual(['one', 'two'])
  await agent.stop()
})

it('counts answers that are not remembered with the others', async () => {
  const { agent, say } = await (await agentBench()).live({ rate: { ...rate, limit: 1 } })
  await say('one')
  const request = { principalId: 'ada', character: 'assistant', messages: [], stream: false }
  const answer = agent.answer(request, new AbortController().signal)[Symbol.asyncIterator]()
  await expect(answer.next()).rejects.toMatchObject({ code: 'limit.exceeded' })
  await agent.stop()
})
