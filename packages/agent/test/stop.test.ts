import { describe, expect, it } from 'vitest'
import { agentBench, allOf, until } from './support/agent-bench.ts'
import { calls, silence, text } from './support/scripted-model.ts'

describe('a stop', () => {
  it('lets a running turn end within the drain', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      await gate.promise
      yield* text('in time')
    }
    const { say, agent } = await bench.live({ drainMs: 5000 })
    const turn = await say('hello')
    await until(() => bench.model.requests.length === 1)
    const stopped = agent.stop()
    await expect(say('late')).rejects.toMatchObject({ code: 'request.shutting-down' })
    gate.resolve()
    await stopped
    expect((await turn.result()).reply?.text).toBe('in time')
  })

  it('aborts what takes longer without ending it, tells its readers, and the next start goes on', async () => {
    const bench = await agentBench()
    let aborted = 0
    bench.model.script = (request, signal) => {
      signal.addEventListener('abort', () => aborted++)
      return silence(request, signal)
    }
    const { say, agent } = await bench.live({ drainMs: 5 })
    const [running, waiting] = [await say('one'), await say('two')]
    await until(() => bench.model.requests.length === 1)
    await agent.stop()
    expect(aborted).toBe(1)
    for (const turn of [running, waiting]) {
      expect((await allOf(turn.events())).at(-1)).toEqual({ kind: 'end', reason: 'stopped' })
      await expect(turn.result()).rejects.toMatchObject({ code: 'request.shutting-down' })
    }
    expect(bench.database.data().turns.map((turn) => turn.state)).toEqual(['accepted', 'accepted'])
    bench.model.script = () => text('after all')
    await bench.live()
    await until(() => bench.database.data().turns.every((turn) => turn.state === 'answered'))
  })

  it('leaves an action that it aborted open in the journal', async () => {
    const bench = await agentBench()
    bench.plugins.add(
      'act',
      'write',
      (_input, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    )
    bench.model.script = () => calls({ act: {} })
    const { say, agent } = await bench.live({ drainMs: 5 })
    await say('act')
    await until(() => bench.plugins.invocations.length === 1)
    await agent.stop()
    expect(bench.database.data().calls).toMatchObject([{ state: 'started' }])
  })

  it('does not wait for ever for a model that hears no abort, which then writes nothing', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      await gate.promise
      yield* text('too late')
    }
    const { say, agent } = await bench.live({ drainMs: 1 })
    await say('hello')
    await until(() => bench.model.requests.length === 1)
    await agent.stop()
    gate.resolve()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(bench.database.data().turns).toMatchObject([{ state: 'accepted' }])
  })
})

describe('a database that is away', () => {
  it('makes the end of a turn wait, not fail', async () => {
    const bench = await agentBench()
    const { say, database } = await bench.live()
    bench.model.script = () => {
      database.failUnits(2)
      return text('held')
    }
    expect((await (await say('hello')).result()).reply?.text).toBe('held')
  })

  it('refuses a new message without a trace', async () => {
    const bench = await agentBench()
    const { say, database } = await bench.live()
    database.failUnits(1)
    await expect(say('hello')).rejects.toMatchObject({ code: 'database.unavailable' })
    expect(bench.database.data().turns).toEqual([])
    expect((await (await say('again')).result()).reply?.text).toBe('You said: again')
  })
})

describe('a conversation that is deleted meanwhile', () => {
  it('ends the turn for its readers', async () => {
    const bench = await agentBench()
    const { say, database } = await bench.live()
    bench.model.script = async function* () {
      await database.stores.conversations.remove('talk', 'ada')
      yield* text('too late')
    }
    expect((await (await say('hello')).result()).error).toMatchObject({
      code: 'request.not-found',
      status: 404,
    })
  })
})
