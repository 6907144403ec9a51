import type { ModelEvent } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { agentBench, allOf, deltas, kinds, until } from './support/agent-bench.ts'
import { calls, results, silence, text } from './support/scripted-model.ts'

const piece = (words: string): ModelEvent => ({ kind: 'text', text: words })

/** Quick, so that a test need not wait for a dead server. */
const lease = { turnLeaseMs: 60 }

describe('several servers on one database', () => {
  it('leave each other’s turns alone while they are held', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live(lease)
    await first.say('hello')
    await bench.liveBeside(lease)
    await new Promise((resolve) => setTimeout(resolve, 4 * lease.turnLeaseMs))
    expect(bench.database.data().turns).toMatchObject([{ fence: 1, state: 'accepted' }])
    expect(bench.model.requests).toHaveLength(1)
  })

  it('take over the turns of one that died, and answer each once', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live(lease)
    const others = await Promise.all([bench.liveBeside(lease), bench.liveBeside(lease)])
    for (const word of ['one', 'two', 'three']) await first.say(word)
    first.database.kill()
    bench.model.script = ({ messages }) => text(`re ${(messages.at(-1) as { text: string }).text}`)
    await until(() => bench.database.data().turns.every((turn) => turn.state === 'answered'))
    const said = bench.database.data().messages.map((message) => message.text)
    expect(said).toEqual(['one', 'two', 'three', 're one', 're two', 're three'])
    expect(others.map(({ agent }) => agent.name)).toEqual(['agent', 'agent'])
  })

  it('refuse the late reply of one that was away, whose readers get the other’s', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      yield piece('stale ')
      await gate.promise
      yield* text('answer')
    }
    const first = await bench.live({ turnLeaseMs: 100_000 })
    const turn = await first.say('hello', { key: 'k' })
    await until(() => bench.model.requests.length === 1)
    await bench.database.join().stores.turns.release({ id: turn.turnId, fence: 1 })
    bench.model.script = () => text('fresh')
    await bench.liveBeside(lease)
    await until(() => bench.database.data().turns[0]!.state === 'answered')
    gate.resolve()
    const { reply } = await turn.result()
    expect(reply?.text).toBe('fresh')
    const events = await allOf(turn.events())
    expect(kinds(events)).toEqual(['accepted', 'delta', 'message', 'end'])
    expect(bench.database.data().messages.map((message) => message.text)).toEqual(['hello', 'fresh'])
  })

  it('tell readers to begin again where another goes on with their turn', async () => {
    const bench = await agentBench()
    bench.model.script = async function* (request, signal) {
      yield piece('half an ')
      yield* silence(request, signal)
    }
    const first = await bench.live(lease)
    const turn = await first.say('hello')
    const seen: string[] = []
    const reading = (async () => {
      for await (const { event } of turn.events()) seen.push(event.kind === 'delta' ? event.text : event.kind)
    })()
    await until(() => seen.includes('half an '))
    await bench.database.join().stores.turns.release({ id: turn.turnId, fence: 1 })
    await bench.database
      .join()
      .stores.turns.takeOver({ id: turn.turnId, fence: 1 }, { owner: 'other', leaseMs: 90 })
    await until(() => seen.includes('reset'))
    bench.model.script = () => text('whole')
    await reading
    expect(seen).toEqual(['accepted', 'half an ', 'reset', 'whole', 'message', 'end'])
    expect(bench.database.data().turns).toMatchObject([{ fence: 3, state: 'answered' }])
  })

  it('do not act after another has taken the turn over', async () => {
    const bench = await agentBench()
    const acted: string[] = []
    bench.plugins.add('act', 'write', () => acted.push('acted'))
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      await gate.promise
      yield* calls({ act: {} })
    }
    const first = await bench.live({ turnLeaseMs: 100_000 })
    const turn = await first.say('act!')
    await until(() => bench.model.requests.length === 1)
    const { turns } = bench.database.join().stores
    await turns.release({ id: turn.turnId, fence: 1 })
    await turns.takeOver({ id: turn.turnId, fence: 1 }, { owner: 'other', leaseMs: 100_000 })
    gate.resolve()
    await turns.end(
      { id: turn.turnId, fence: 2 },
      { state: 'failed', endedAt: 1, error: { code: 'x', message: 'y' } },
    )
    expect((await turn.result()).error?.code).toBe('x')
    expect(acted).toEqual([])
  })

  it('join a request that another one answers', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* (request) {
      if (results(request).length > 0) await gate.promise
      yield* results(request).length === 0 ? calls({ act: {} }, 'Looking. ') : text('Found.')
    }
    bench.plugins.add('act', 'read', () => 'it')
    const first = await bench.live()
    const second = await bench.liveBeside()
    const turn = await first.say('look', { key: 'k' })
    const again = await second.say('look', { key: 'k' })
    expect(again.turnId).toBe(turn.turnId)
    gate.resolve()
    expect(await again.result()).toEqual(await turn.result())
    const told = await allOf(again.events())
    expect(kinds(told)).toEqual(['accepted', 'action', 'action', 'delta', 'message', 'end'])
    expect(deltas(told)).toBe((await turn.result()).reply?.text)
    await expect(second.say('other', { key: 'k' })).rejects.toMatchObject({
      code: 'request.idempotency-conflict',
    })
  })

  it('keep the order of a conversation whose turns come to different ones', async () => {
    const bench = await agentBench()
    const order: string[] = []
    bench.model.script = async function* ({ messages }) {
      const { text: word } = messages.at(-1) as { text: string }
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push(word)
      yield* text(`re ${word}`)
    }
    const servers = [await bench.live(), await bench.liveBeside(), await bench.liveBeside()]
    const words = Array.from({ length: 9 }, (_, n) => `m${n}`)
    const turns = []
    for (const [n, word] of words.entries()) turns.push(await servers[n % 3]!.say(word))
    await Promise.all(turns.map((turn) => turn.result()))
    expect(order).toEqual(words)
  })

  it('take a dead one’s turn over though its successor waits for it here', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live(lease)
    await first.say('one')
    const second = await bench.liveBeside({ ...lease, maxConcurrentTurns: 1 })
    const waiting = await second.say('two')
    first.database.kill()
    bench.model.script = ({ messages }) => text(`re ${(messages.at(-1) as { text: string }).text}`)
    expect((await waiting.result()).reply?.text).toBe('re two')
    const said = bench.database.data().messages.map((message) => message.text)
    expect(said).toEqual(['one', 'two', 're one', 're two'])
  })

  it('tell readers of a conversation that is deleted elsewhere', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live()
    const second = await bench.liveBeside()
    await first.say('hello', { key: 'k' })
    const again = await second.say('hello', { key: 'k' })
    await bench.database.join().stores.conversations.remove('talk', 'ada')
    await expect(again.result()).rejects.toMatchObject({ code: 'request.not-found' })
    expect(kinds(await allOf(again.events()))).toEqual(['accepted', 'error', 'end'])
  })
})
