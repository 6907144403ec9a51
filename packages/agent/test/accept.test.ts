import { describe, expect, it } from 'vitest'
import { agentBench, allOf, deltas, kinds, until } from './support/agent-bench.ts'
import { calls, results, text } from './support/scripted-model.ts'

describe('an accepted message', () => {
  it('is committed before accept resolves and is answered once', async () => {
    const bench = await agentBench()
    const { say } = await bench.live()
    const turn = await say('hello')
    expect(bench.database.data().messages).toMatchObject([
      { role: 'user', text: 'hello', status: 'accepted' },
    ])
    const { message, reply } = await turn.result()
    expect(message.status).toBe('answered')
    expect(reply).toMatchObject({ role: 'assistant', text: 'You said: hello', turnId: turn.turnId })
    expect(bench.database.data().messages.map((one) => one.text)).toEqual(['hello', 'You said: hello'])
    expect(bench.database.data().turns).toMatchObject([{ state: 'answered', replyId: reply!.id }])
  })

  it('streams accepted, the text, the committed message and the end, to late readers too', async () => {
    const bench = await agentBench()
    bench.model.script = () => text('one ', 'two ', 'three')
    const { say } = await bench.live()
    const turn = await say('count')
    const early = await allOf(turn.events())
    expect(early[0]).toMatchObject({ kind: 'accepted', message: { text: 'count', status: 'accepted' } })
    expect(kinds(early).slice(-2)).toEqual(['message', 'end'])
    expect(deltas(early)).toBe('one two three')
    expect(kinds(await allOf(turn.events()))).toEqual(['accepted', 'delta', 'message', 'end'])
  })

  it('is answered however slowly its readers read', async () => {
    const bench = await agentBench()
    bench.model.script = () => text(...Array.from({ length: 1000 }, (_, n) => `${n} `))
    const { say } = await bench.live()
    const turn = await say('count')
    const slow = turn.events()[Symbol.asyncIterator]()
    await slow.next()
    const { reply } = await turn.result()
    expect(await slow.next()).toEqual({
      done: false,
      value: { id: expect.any(String), event: { kind: 'delta', text: reply!.text } },
    })
  })

  it('costs two units of work', async () => {
    const bench = await agentBench()
    const { say, database } = await bench.live()
    await (await say('hello')).result()
    expect(database.units()).toBe(2)
  })

  it('gives the model what was said before, and nothing of later turns', async () => {
    const bench = await agentBench()
    const { say } = await bench.live()
    const turns = await Promise.all([say('first'), say('second')])
    for (const turn of turns) await turn.result()
    const given = bench.model.requests.map(({ messages }) =>
      messages.map((message) => ('text' in message && message.role !== 'system' ? message.text : '')),
    )
    expect(given).toEqual([
      ['', 'first'],
      ['', 'first', 'You said: first', 'second'],
    ])
  })

  it('tells the bus what happens, in order', async () => {
    const bench = await agentBench()
    const { say, emitted } = await bench.live()
    await (await say('hello')).result()
    expect(emitted.map((one) => one.type)).toEqual([
      'agent.message.received',
      'conversation.message',
      'agent.state.changed',
      'agent.state.changed',
      'agent.message.sent',
      'conversation.message',
      'agent.state.changed',
    ])
  })

  it("is refused in another principal's conversation", async () => {
    const { agent } = await (await agentBench()).live()
    const turn = { principalId: 'eve', conversationId: 'talk', text: 'hi', stream: false }
    await expect(agent.accept(turn)).rejects.toMatchObject({ code: 'request.not-found' })
  })
})

describe('an idempotency key', () => {
  it('joins the running turn with all of its events', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      yield { kind: 'text', text: 'slow' }
      await gate.promise
      yield* text(' answer')
    }
    const { say } = await bench.live()
    const first = await say('hello', { key: 'k' })
    await until(() => bench.model.requests.length === 1)
    const second = await say('hello', { key: 'k' })
    expect(second.turnId).toBe(first.turnId)
    gate.resolve()
    expect(deltas(await allOf(second.events()))).toBe('slow answer')
    expect(await second.result()).toEqual(await first.result())
    expect(bench.model.requests).toHaveLength(1)
  })

  it('gives one turn to two requests at once', async () => {
    const bench = await agentBench()
    const { say } = await bench.live()
    const turns = await Promise.all([1, 2, 3, 4].map(() => say('hello', { key: 'k' })))
    expect(new Set(turns.map((turn) => turn.turnId)).size).toBe(1)
    await Promise.all(turns.map((turn) => turn.result()))
    expect(bench.database.data().messages).toHaveLength(2)
  })

  it('replays a turn that has ended, also after a restart', async () => {
    const bench = await agentBench()
    const first = await bench.live()
    const answered = await (await first.say('hello', { key: 'k' })).result()
    const { say } = await bench.live()
    const again = await say('hello', { key: 'k' })
    expect(await again.result()).toEqual(answered)
    const events = await allOf(again.events())
    expect(kinds(events)).toEqual(['accepted', 'delta', 'message', 'end'])
    expect(deltas(events)).toBe('You said: hello')
    expect(bench.model.requests).toHaveLength(1)
  })

  it('replays the actions of a turn that has ended, as they were shown', async () => {
    const bench = await agentBench()
    bench.plugins.add('add_note', 'write', () => ({ text: 'noted' }))
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ add_note: { note: 'milk' } }, 'So.') : text('Done')
    const first = await (await bench.live()).say('note milk', { key: 'k' })
    const seen = await allOf(first.events())
    const { say } = await bench.live()
    const again = await allOf((await say('note milk', { key: 'k' })).events())
    const actions = again.filter((event) => event.kind === 'action')
    expect(actions).toEqual(seen.filter((event) => event.kind === 'action'))
    expect(actions.map(({ state }) => state)).toEqual(['started', 'completed'])
    expect(deltas(again)).toBe(deltas(seen))
    expect(bench.plugins.invocations).toHaveLength(1)
  })

  it('replays a failure with its status', async () => {
    const bench = await agentBench()
    bench.model.script = () => []
    const { say } = await bench.live()
    const first = await (await say('hello', { key: 'k' })).result()
    const again = await say('hello', { key: 'k' })
    expect(first.error).toMatchObject({ code: 'model.protocol', status: 502 })
    expect(await again.result()).toEqual(first)
    expect(kinds(await allOf(again.events()))).toEqual(['accepted', 'error', 'end'])
  })

  it('is refused with another text', async () => {
    const { say } = await (await agentBench()).live()
    await (await say('hello', { key: 'k' })).result()
    await expect(say('other', { key: 'k' })).rejects.toMatchObject({ code: 'request.idempotency-conflict' })
  })

  it('is free again in another conversation', async () => {
    const { say } = await (await agentBench()).live()
    const one = await say('hello', { key: 'k' })
    const other = await say('hello', { key: 'k', conversation: 'other' })
    expect(other.turnId).not.toBe(one.turnId)
  })
})
