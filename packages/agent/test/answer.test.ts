import type { EphemeralTurn } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { agentBench, all, deltas, until } from './support/agent-bench.ts'
import { calls, results, silence, text } from './support/scripted-model.ts'

const asking = (said: string): EphemeralTurn => ({
  principalId: 'ada',
  messages: [{ role: 'user', text: said }],
  character: 'assistant',
  stream: true,
})
const never = new AbortController().signal

describe('an ephemeral turn', () => {
  it('is answered with text, reason and usage, and leaves no row', async () => {
    const bench = await agentBench()
    const { agent } = await bench.live()
    const events = await all(agent.answer(asking('hi'), never))
    expect(events.at(-1)).toEqual({
      kind: 'end',
      text: 'You said: hi',
      reason: 'stop',
      usage: { inputTokens: 1, outputTokens: 1 },
    })
    expect(deltas(events)).toBe('You said: hi')
    expect(bench.database.data()).toMatchObject({ turns: [], messages: [] })
  })

  it('is journaled from its first action on, its usage added up', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => 'seen')
    bench.model.script = (request) => (results(request).length < 2 ? calls({ look: {} }) : text('ok'))
    const { agent } = await bench.live()
    const events = await all(agent.answer(asking('look twice'), never))
    expect(events.at(-1)).toMatchObject({ text: 'ok', usage: { inputTokens: 3 } })
    expect(bench.database.data().turns).toMatchObject([{ state: 'answered' }])
    expect(bench.database.data().calls.map((call) => call.state)).toEqual(['completed', 'completed'])
  })

  it('is ended as failed after a crash, not resumed, its open calls unknown', async () => {
    const bench = await agentBench()
    bench.plugins.add('act', 'write', () => new Promise(() => undefined))
    bench.model.script = () => calls({ act: {} })
    const life = await bench.live()
    void all(life.agent.answer(asking('act'), never))
    await until(() => bench.plugins.invocations.length === 1)
    life.database.kill()
    await bench.live()
    await until(() => bench.database.data().turns[0]?.state === 'failed')
    expect(bench.database.data().turns).toMatchObject([{ error: { code: 'agent.interrupted' } }])
    expect(bench.database.data().calls).toMatchObject([{ state: 'unknown' }])
    expect(bench.model.requests).toHaveLength(1)
  })

  it('throws the model’s error in the iterator', async () => {
    const bench = await agentBench()
    bench.model.script = () => []
    const { agent } = await bench.live()
    await expect(all(agent.answer(asking('hi'), never))).rejects.toMatchObject({ code: 'model.protocol' })
    const other = { ...asking('hi'), character: 'nobody' }
    await expect(all(agent.answer(other, never))).rejects.toMatchObject({ code: 'model.not-found' })
  })

  it.each(['signal', 'return'] as const)(
    'that its caller leaves by %s aborts the action and is closed',
    async (way) => {
      const bench = await agentBench()
      let aborts = 0
      bench.plugins.add(
        'act',
        'write',
        (_input, signal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => (aborts++, reject(new Error('stop')))),
          ),
      )
      bench.model.script = () => calls({ act: {} })
      const { agent } = await bench.live()
      const leaving = new AbortController()
      const iterator = agent.answer(asking('act'), leaving.signal)[Symbol.asyncIterator]()
      expect((await iterator.next()).value).toMatchObject({ kind: 'action', state: 'started' })
      const pending = iterator.next().catch((error: unknown) => error)
      await until(() => bench.plugins.invocations.length === 1)
      if (way === 'signal') leaving.abort()
      else await iterator.return?.()
      await pending
      expect(aborts).toBe(1)
      await until(() => bench.database.data().turns[0]?.state === 'failed')
      expect(bench.database.data().calls).toMatchObject([{ state: 'unknown' }])
    },
  )

  it('ends with shutting-down when the server stops, and is refused afterwards', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const { agent } = await bench.live({ drainMs: 5 })
    const answer = all(agent.answer(asking('hi'), never))
    answer.catch(() => undefined)
    await until(() => bench.model.requests.length === 1)
    await agent.stop()
    await expect(answer).rejects.toMatchObject({ code: 'request.shutting-down' })
    await expect(all(agent.answer(asking('hi'), never))).rejects.toMatchObject({
      code: 'request.shutting-down',
    })
  })

  it('is refused when all places are taken', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      await gate.promise
      yield* text('ok')
    }
    const { agent } = await bench.live({ maxConcurrentTurns: 1, maxWaitingTurns: 0 })
    const first = all(agent.answer(asking('one'), never))
    await until(() => bench.model.requests.length === 1)
    await expect(all(agent.answer(asking('two'), never))).rejects.toMatchObject({
      code: 'request.overloaded',
    })
    gate.resolve()
    expect((await first).at(-1)).toMatchObject({ kind: 'end' })
  })
})
