import { describe, expect, it } from 'vitest'
import { lanes, type Place } from '../src/stream/lanes.ts'

const entering = (place: Place, name: string, log: string[]): Promise<void> =>
  place.enter().then((entered) => void log.push(entered ? name : `not ${name}`))

const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('lanes', () => {
  it('let the first of each lane in, up to the limit, and the next as places are left', async () => {
    const log: string[] = []
    const all = lanes(2)
    const [a1, a2, b1, c1] = ['a', 'a', 'b', 'c'].map((lane) => all.take(lane)) as [
      Place,
      Place,
      Place,
      Place,
    ]
    void entering(a1, 'a1', log)
    void entering(a2, 'a2', log)
    void entering(b1, 'b1', log)
    void entering(c1, 'c1', log)
    await turnOver()
    expect(log).toEqual(['a1', 'b1'])
    a1.leave()
    await turnOver()
    expect(log).toEqual(['a1', 'b1', 'c1'])
    b1.leave()
    await turnOver()
    expect(log).toEqual(['a1', 'b1', 'c1', 'a2'])
    expect(all.size).toBe(2)
  })

  it('keep the order of taking, also when a later place asks to enter first', async () => {
    const log: string[] = []
    const all = lanes(5)
    const first = all.take('a')
    const second = all.take('a')
    void entering(second, 'second', log)
    await turnOver()
    expect(log).toEqual([])
    first.leave()
    await turnOver()
    expect(log).toEqual(['second'])
  })

  it('lose nobody when one who waits for room leaves', async () => {
    const log: string[] = []
    const all = lanes(1)
    const [a, b, c] = ['a', 'b', 'c'].map((lane) => all.take(lane)) as [Place, Place, Place]
    void entering(a, 'a', log)
    void entering(b, 'b', log)
    void entering(c, 'c', log)
    b.leave()
    a.leave()
    await turnOver()
    expect(log.toSorted()).toEqual(['a', 'c', 'not b'])
    c.leave()
    c.leave()
    expect(all.size).toBe(0)
  })

  it('turn away all who wait once they close, and those who come later', async () => {
    const log: string[] = []
    const all = lanes(1)
    const [running, behind, beside, late] = ['a', 'a', 'b', 'c'].map((lane) => all.take(lane)) as [
      Place,
      Place,
      Place,
      Place,
    ]
    void entering(running, 'running', log)
    void entering(behind, 'behind', log)
    void entering(beside, 'beside', log)
    all.close()
    void entering(late, 'late', log)
    running.leave()
    await turnOver()
    expect(log.toSorted()).toEqual(['not behind', 'not beside', 'not late', 'running'])
    expect(all.size).toBe(0)
  })
})
