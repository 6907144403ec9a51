import type { ActionEffect, CallOutcome } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { type AgentBench, agentBench, allOf, deltas, type Life, until } from './support/agent-bench.ts'
import { calls, results, silence, text } from './support/scripted-model.ts'

const hang = (): Promise<never> => new Promise(() => undefined)

/** A life that dies while `act` runs; what the action did before is in `done`. */
const dieDuringAction = async (
  effect: ActionEffect,
): Promise<{ bench: AgentBench; done: string[]; turnId: string }> => {
  const bench = await agentBench()
  const done: string[] = []
  bench.plugins.add('act', effect, () => {
    done.push('ran')
    return done.length === 1 ? hang() : 'fine'
  })
  bench.model.script = (request) =>
    results(request).length === 0
      ? calls({ act: { n: 1 } }, 'Acting.')
      : text(`Result: ${results(request).join()}`)
  const life = await bench.live()
  const { turnId } = await life.say('act!', { key: 'k' })
  await until(() => done.length === 1)
  life.database.kill()
  return { bench, done, turnId }
}

const rejoin = async (life: Life) => {
  const turn = await life.say('act!', { key: 'k' })
  return { turn, result: await turn.result(), events: await allOf(turn.events()) }
}

describe('after a kill', () => {
  it('an accepted turn that had not begun is answered, and only once', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live()
    await first.say('one')
    await first.say('two')
    first.database.kill()
    bench.model.script = ({ messages }) => text(`re ${(messages.at(-1) as { text: string }).text}`)
    await bench.live()
    await until(() => bench.database.data().turns.every((turn) => turn.state === 'answered'))
    expect(bench.database.data().messages.map((message) => message.text)).toEqual([
      'one',
      'two',
      're one',
      're two',
    ])
  })

  it('a new message waits for the recovered ones before it', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live()
    await first.say('old')
    first.database.kill()
    const order: string[] = []
    bench.model.script = ({ messages }) => {
      order.push((messages.at(-1) as { text: string }).text)
      return text('ok')
    }
    const second = await bench.live()
    await (await second.say('new')).result()
    expect(order).toEqual(['old', 'new'])
  })

  it('a read runs again under its old call id', async () => {
    const { bench, done } = await dieDuringAction('read')
    const { result, events } = await rejoin(await bench.live())
    expect(done).toEqual(['ran', 'ran'])
    expect(new Set(bench.plugins.invocations.map((one) => one.call.callId)).size).toBe(1)
    expect(result.reply?.text).toBe('Acting.\n\nResult: "fine"')
    expect(deltas(events)).toBe(result.reply?.text)
    expect(bench.database.data().calls).toMatchObject([{ state: 'completed', output: 'fine' }])
  })

  it.each(['write', 'external', 'spend', 'exec'] as const)(
    'an action with effect %s is unknown and not repeated',
    async (effect) => {
      const { bench, done } = effect === 'write' ? await dieDuringAction(effect) : await allowed(effect)
      const { result, events } = await rejoin(await bench.live({ allow: ['test.bench/act'] }))
      expect(done).toEqual(['ran'])
      expect(bench.database.data().calls).toMatchObject([
        { state: 'unknown', error: { code: 'plugin.outcome-unknown' } },
      ])
      expect(results(bench.model.requests.at(-1)!)[0]).toContain('plugin.outcome-unknown')
      expect(events.find((event) => event.kind === 'action')).toMatchObject({ state: 'unknown' })
      expect(result.reply?.text).toContain('it is not known whether test.bench/act took effect')
    },
  )

  it.each<[string, CallOutcome]>([
    ['completed', { state: 'completed', output: 'kept' }],
    ['failed', { state: 'failed', error: { code: 'plugin.action-failed', message: 'kept' } }],
    ['unknown', { state: 'unknown', error: { code: 'plugin.outcome-unknown', message: 'kept' } }],
  ])('a call that had %s is given to the model as it stands', async (state, outcome) => {
    const { bench, done } = await dieDuringAction('write')
    const call = bench.database.data().calls[0]!
    const hold = { id: call.turnId, fence: 1 }
    await bench.database.connect().stores.turns.endCall(hold, call.id, { outcome, endedAt: 1 })
    const { result, events } = await rejoin(await bench.live())
    expect(done).toEqual(['ran'])
    expect(result.reply?.text).toContain('kept')
    expect(events.find((event) => event.kind === 'action')).toMatchObject({ state })
    expect(bench.model.requests.at(-1)!.messages.slice(-2)).toMatchObject([
      { role: 'assistant', text: 'Acting.', calls: [{ id: 'asked-act', name: 'act', input: { n: 1 } }] },
      { role: 'action', callId: 'asked-act', name: 'act' },
    ])
  })

  it('steps taken before count against the limit', async () => {
    const { bench } = await dieDuringAction('read')
    bench.model.script = () => calls({ act: {} })
    const before = bench.model.requests.length
    const { result } = await rejoin(await bench.live({ maxSteps: 3 }))
    expect(result.error?.code).toBe('model.steps-exceeded')
    expect(bench.model.requests.length - before).toBe(2)
  })

  it('a turn whose model the settings no longer name goes on with the default one', async () => {
    const bench = await agentBench()
    const { database } = await bench.live()
    const turn = {
      conversationId: 'talk',
      principalId: 'ada',
      character: 'assistant',
      state: 'accepted',
    } as const
    const message = {
      id: 'm',
      conversationId: 'talk',
      turnId: 't',
      role: 'user',
      text: 'hi',
      status: 'accepted',
    } as const
    const accepted = { ...turn, id: 't', model: 'gone/model', messageId: 'm', createdAt: 1 }
    await database.stores.turns.accept({ ...accepted, owner: 'dead', fence: 1 }, 0)
    await database.stores.messages.append({ ...message, createdAt: 1 })
    await bench.live()
    await until(() => bench.database.data().turns[0]!.state === 'answered')
    expect(bench.database.data().messages.at(-1)!.text).toBe('You said: hi')
  })

  it('two lives that answer one turn give it one reply, and both tell the same', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    let answers = 0
    bench.model.script = async function* () {
      const mine = ++answers
      await gate.promise
      yield* text(`answer ${mine}`)
    }
    const first = await bench.live()
    const turn = await first.say('hello', { key: 'k' })
    const again = await (await bench.live()).say('hello', { key: 'k' })
    await until(() => answers === 2)
    gate.resolve()
    expect(await again.result()).toEqual(await turn.result())
    expect(bench.database.data().messages).toHaveLength(2)
  })

  it('a turn killed at any moment is answered once in the end', async () => {
    for (let ticks = 0; ticks < 40; ticks++) {
      const bench = await agentBench()
      bench.plugins.add('act', 'read', () => 'fine')
      bench.model.script = (request) => (results(request).length === 0 ? calls({ act: {} }) : text('done'))
      const life = await bench.live()
      void life.say('go', { key: 'k' })
      for (let n = 0; n < ticks; n++) await new Promise((resolve) => setImmediate(resolve))
      life.database.kill()
      const next = await bench.live()
      const { reply } = await (await next.say('go', { key: 'k' })).result()
      expect(reply?.text).toBe('done')
      expect(bench.database.data().messages.map((message) => message.role)).toEqual(['user', 'assistant'])
    }
  })
})

const allowed = async (effect: ActionEffect): Promise<{ bench: AgentBench; done: string[] }> => {
  const bench = await agentBench()
  const done: string[] = []
  bench.plugins.add('act', effect, () => {
    done.push('ran')
    return hang()
  })
  bench.model.script = (request) => (results(request).length === 0 ? calls({ act: {} }) : text('ok'))
  const life = await bench.live({ allow: ['test.bench/act'] })
  await life.say('act!', { key: 'k' })
  await until(() => done.length === 1)
  life.database.kill()
  return { bench, done }
}
