import type { ToldEvent } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { agentBench, type Life, until } from './support/agent-bench.ts'
import { calls, results, silence, text } from './support/scripted-model.ts'

const word = ({ event }: ToldEvent): string => (event.kind === 'delta' ? event.text : event.kind)

/** Reads a conversation on until the test ends it. */
const reading = async ({ agent }: Life, after?: string) => {
  const seen: ToldEvent[] = []
  const leave = new AbortController()
  const following = { principalId: 'ada', conversationId: 'talk', ...(after !== undefined && { after }) }
  const events = await agent.follow(following, leave.signal)
  const over = (async () => {
    for await (const one of events) seen.push(one)
  })()
  const words = (): readonly string[] => seen.map(word)
  return {
    seen,
    words,
    over,
    async sees(count: number): Promise<readonly string[]> {
      await until(() => seen.length >= count)
      return words()
    },
    leave: () => leave.abort(),
  }
}

describe('a conversation that is followed', () => {
  it('tells turn after turn, those that come too', async () => {
    const bench = await agentBench()
    const life = await bench.live()
    const reader = await reading(life)
    await (await life.say('one')).result()
    await (await life.say('two')).result()
    expect(await reader.sees(8)).toEqual([
      'accepted',
      'You said: one',
      'message',
      'end',
      'accepted',
      'You said: two',
      'message',
      'end',
    ])
    reader.leave()
    await reader.over
  })

  it('begins with turns that are open, not with those that have ended', async () => {
    const bench = await agentBench()
    const life = await bench.live()
    await (await life.say('old')).result()
    bench.model.script = silence
    await life.say('now')
    const reader = await reading(life)
    await reader.sees(1)
    expect(reader.seen[0]!.event).toMatchObject({ kind: 'accepted', message: { text: 'now' } })
  })

  it('goes on behind each event, exactly, wherever a reader broke off', async () => {
    const bench = await agentBench()
    bench.plugins.add('act', 'read', () => 'it')
    bench.model.script = async function* (request) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      yield* results(request).length === 0 ? calls({ act: {} }, 'Looking ') : text('a', 'bc', 'def')
    }
    const gate = Promise.withResolvers<void>()
    const life = await bench.live()
    const first = await reading(life)
    await (await life.say('go')).result()
    await until(() => first.words().at(-1) === 'end')
    bench.model.script = async function* () {
      await gate.promise
      yield* text('end')
    }
    for (const [n, { id }] of first.seen.slice(0, -1).entries()) {
      const again = await reading(life, id)
      const rest = (await again.sees(1)).includes('reset')
      again.leave()
      // The turn has ended: nothing is held of how it was told, so it is told anew.
      expect(rest, `${n} ${id}`).toBe(true)
    }
    const after = await reading(life, first.seen.at(-1)!.id)
    await life.say('next')
    await after.sees(1)
    expect(after.seen[0]!.event).toMatchObject({ kind: 'accepted', message: { text: 'next' } })
    gate.resolve()
  })

  it('goes on in the middle of a text while its turn runs', async () => {
    const bench = await agentBench()
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
    bench.model.script = async function* () {
      for (const [n, piece] of ['one ', 'two ', 'three'].entries()) {
        yield { kind: 'text', text: piece }
        await gates[n]!.promise
      }
      yield* text()
    }
    const life = await bench.live()
    const first = await reading(life)
    await life.say('count')
    await first.sees(2)
    first.leave()
    const second = await reading(life, first.seen.at(-1)!.id)
    gates[0]!.resolve()
    await second.sees(1)
    second.leave()
    const third = await reading(life, second.seen.at(-1)!.id)
    for (const gate of gates) gate.resolve()
    await until(() => third.words().includes('end'))
    expect([...first.words(), ...second.words(), ...third.words()]).toEqual([
      'accepted',
      'one ',
      'two ',
      'three',
      'message',
      'end',
    ])
  })

  it('is told anew by another server that took the turn over', async () => {
    const bench = await agentBench()
    bench.model.script = async function* (request, signal) {
      yield { kind: 'text', text: 'half' }
      yield* silence(request, signal)
    }
    const first = await bench.live({ turnLeaseMs: 60 })
    const reader = await reading(first)
    await first.say('hello')
    await reader.sees(2)
    const second = await bench.liveBeside({ turnLeaseMs: 60 })
    first.database.kill()
    bench.model.script = () => text('whole')
    const resumed = await reading(second, reader.seen.at(-1)!.id)
    await until(() => resumed.words().includes('end'))
    // Before it the dead one's half may be told once more: its process lives on in this test.
    expect(resumed.words().slice(-4)).toEqual(['reset', 'whole', 'message', 'end'])
  })

  it('is followed on a server that does not answer it', async () => {
    const bench = await agentBench()
    const first = await bench.live()
    const second = await bench.liveBeside()
    const reader = await reading(second)
    await (await first.say('hello')).result()
    await until(() => reader.words().includes('end'))
    expect(reader.words()).toEqual(['accepted', 'You said: hello', 'message', 'end'])
  })

  it('is told piece by piece on a server that does not answer it, and gone on with on a third', async () => {
    const bench = await agentBench()
    bench.plugins.add('act', 'read', () => 'it')
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    bench.model.script = async function* (request) {
      if (results(request).length === 0) yield* calls({ act: {} }, 'Looking')
      else {
        for (const [n, piece] of ['a ', 'b ', 'c '].entries()) {
          yield { kind: 'text', text: piece }
          await gates[n]!.promise
        }
        yield* text()
      }
    }
    const first = await bench.live()
    const [second, third] = await Promise.all([bench.liveBeside(), bench.liveBeside()])
    const there = await reading(second)
    await first.say('go')
    await until(() => there.words().join('').includes('a '))
    there.leave()
    const elsewhere = await reading(third, there.seen.at(-1)!.id)
    gates[0]!.resolve()
    await until(() => elsewhere.words().join('').includes('b '))
    gates[1]!.resolve()
    const here = await reading(first, there.seen.at(-1)!.id)
    gates[2]!.resolve()
    await Promise.all([elsewhere, here].map((one) => until(() => one.words().includes('end'))))
    const reply = bench.database.data().messages.at(-1)!.text
    const told = (...parts: readonly (typeof there)[]): string =>
      parts
        .flatMap(({ seen }) => seen.map(({ event }) => (event.kind === 'delta' ? event.text : '')))
        .join('')
    expect(told(there, here)).toBe(reply)
    // A third server has nothing of how it was told so far: it begins again.
    expect(elsewhere.words()[0]).toBe('reset')
    expect(told(elsewhere)).toBe(reply)
    expect(there.words().filter((word) => word === 'action')).toHaveLength(2)
  })

  it('is told whole where messages between servers are lost, repeated or late', async () => {
    const bench = await agentBench({ unreliable: true })
    const pieces = Array.from({ length: 60 }, (_, n) => `${n} `)
    bench.model.script = async function* () {
      for (const piece of pieces) {
        yield { kind: 'text', text: piece }
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      yield* text()
    }
    const first = await bench.live()
    const second = await bench.liveBeside()
    await first.say('count')
    const reader = await reading(second)
    await until(() => reader.words().includes('end'))
    const said = reader.seen.flatMap(({ event }) => (event.kind === 'delta' ? [event.text] : []))
    expect(said.join('')).toBe(pieces.join(''))
    expect(said.length).toBeGreaterThan(1)
  })

  it('is there for its principal alone, ends with the conversation, and takes no id that is none', async () => {
    const bench = await agentBench()
    const life = await bench.live()
    const follow = (principalId: string, after?: string) =>
      life.agent.follow(
        { principalId, conversationId: 'talk', ...(after !== undefined && { after }) },
        new AbortController().signal,
      )
    await expect(follow('bob')).rejects.toMatchObject({ code: 'request.not-found' })
    for (const id of ['x', 'turn_1/0', `turn_${'0'.repeat(26)}/1-2`, `turn_${'0'.repeat(26)}/1-2.3\n`])
      await expect(follow('ada', id)).rejects.toMatchObject({ code: 'validation.failed' })
    const reader = await reading(life, `turn_${'0'.repeat(26)}/1-2.3`)
    await bench.database.join().stores.conversations.remove('talk', 'ada')
    await reader.over
    expect(reader.seen).toEqual([])
  })

  it('ends where the server stops in the middle of a turn', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const life = await bench.live()
    const reader = await reading(life)
    await life.say('hello')
    await reader.sees(1)
    await life.agent.stop()
    await reader.over
    expect(reader.seen.at(-1)!.event).toEqual({ kind: 'end', reason: 'stopped' })
  })
})
