import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { Embedder } from '@covent/core'
import type { Runner } from '../testing.ts'

const { signal } = new AbortController()
const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0)

/** What every embedder must do. Pass your runner, a name, and a way to make one. */
export const embedderSuite = (runner: Runner, name: string, make: () => Embedder): void => {
  const it = (title: string, body: (embedder: Embedder) => Promise<void>): unknown =>
    runner.it(title, () => body(make()))
  runner.describe(`${name} as an embedder`, () => {
    it('makes one vector of unit length for each text', async (embedder) => {
      const { vectors, tokens } = await embedder.embed(['The door is green.', 'Bread'], { signal })
      deepStrictEqual(
        vectors.map(({ length }) => length),
        [embedder.dimensions, embedder.dimensions],
      )
      for (const vector of vectors) ok(Math.abs(dot(vector, vector) - 1) < 1e-4)
      ok(Number.isInteger(tokens) && tokens > 0)
    })
    it('makes the same vector of the same text, whatever stands beside it', async (embedder) => {
      const [alone] = (await embedder.embed(['bread'], { signal })).vectors
      const beside = (await embedder.embed(['stone', 'bread'], { signal })).vectors
      deepStrictEqual(beside[1], alone)
    })
    it('puts alike texts nearer than others', async (embedder) => {
      const texts = ['My sister lives in Lisbon', 'Where does my sister live?', 'The oven is broken']
      const [told, asked, other] = (await embedder.embed(texts, { signal })).vectors
      ok(dot(told!, asked!) > dot(other!, asked!))
    })
    it('answers nothing after an abort', async (embedder) => {
      await rejects(embedder.embed(['x'], { signal: AbortSignal.abort(new Error('enough')) }), /enough/)
    })
    it('takes no texts and makes no vectors', async (embedder) => {
      strictEqual((await embedder.embed([], { signal })).vectors.length, 0)
    })
  })
}
