import { describe, expect, it } from 'vitest'
import { turnStream } from '../src/stream/turn-stream.ts'
import { all, deltas, kinds } from './support/agent-bench.ts'

type Event = { readonly kind: 'start' | 'end' }

const delta = (text: string) => ({ kind: 'delta', text }) as const

describe('a turn stream', () => {
  it('gives each reader everything in order, and a late one the text it missed as one delta', async () => {
    const stream = turnStream<Event>()
    stream.push({ kind: 'start' })
    const early = stream.read()
    expect(await early.next()).toMatchObject({ value: { kind: 'start' } })
    for (const piece of ['a', 'b']) {
      stream.push(delta(piece))
      expect(await early.next()).toMatchObject({ value: delta(piece) })
    }
    stream.push({ kind: 'end' })
    stream.close()
    expect(await all(stream.read())).toEqual([{ kind: 'start' }, delta('ab'), { kind: 'end' }])
    expect(await all(early)).toEqual([{ kind: 'end' }])
  })

  it('never waits for a reader: one that sleeps finds 100,000 pieces as one', async () => {
    const stream = turnStream<Event>()
    const slow = stream.read()
    for (let n = 0; n < 100_000; n++) stream.push(delta('x'))
    stream.push({ kind: 'end' })
    stream.close()
    const events = await all(slow)
    expect(events).toHaveLength(2)
    expect(deltas(events)).toHaveLength(100_000)
  })

  it('keeps text before and after another event apart', async () => {
    const stream = turnStream<Event>()
    for (const event of [delta('a'), { kind: 'start' } as const, delta('b'), delta('c')]) stream.push(event)
    stream.close()
    expect(await all(stream.read())).toEqual([delta('a'), { kind: 'start' }, delta('bc')])
  })

  it('answers several waiting calls of next in order, and ends them all', async () => {
    const stream = turnStream<Event>()
    const reader = stream.read()
    const asked = [reader.next(), reader.next(), reader.next()]
    stream.push({ kind: 'start' })
    stream.push({ kind: 'end' })
    stream.close()
    const got = await Promise.all(asked)
    expect(kinds(got.slice(0, 2).map((one) => one.value as never))).toEqual(['start', 'end'])
    expect(got[2]!.done).toBe(true)
  })

  it('lets a reader leave while it waits, and forgets it', async () => {
    const stream = turnStream<Event>()
    const reader = stream.read()
    const waiting = reader.next()
    await reader.return?.()
    expect((await waiting).done).toBe(true)
    stream.push({ kind: 'start' })
    expect((await reader.next()).done).toBe(true)
  })
})
