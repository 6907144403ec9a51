import { embeddings, lexicalEmbedder } from '@covent/models'
import { embedderSuite } from '@covent/models/testing'
import { describe, expect, it } from 'vitest'

embedderSuite({ describe, it }, 'lexical', lexicalEmbedder)

const { signal } = new AbortController()

describe('the lexical embedder', () => {
  it('knows spelling in any script, and no meaning', async () => {
    const likeness = async (a: string, b: string): Promise<number> => {
      const { vectors } = await lexicalEmbedder().embed([a, b], { signal })
      return vectors[0]!.reduce((sum, value, at) => sum + value * vectors[1]![at]!, 0)
    }
    expect(await likeness('two towns', 'Two TOWNS!')).toBeCloseTo(1)
    expect(await likeness('город у моря', 'городской')).toBeGreaterThan(0.2)
    expect(await likeness('car', 'automobile')).toBeLessThan(0.2)
  })

  it('lets others go on between two texts', async () => {
    let turns = 0
    const count = setInterval(() => turns++, 0)
    await lexicalEmbedder().embed(
      Array.from({ length: 64 }, () => 'many words '.repeat(400)),
      { signal },
    )
    clearInterval(count)
    expect(turns).toBeGreaterThan(1)
  })

  it('makes zeros of a text without words', async () => {
    const { vectors, tokens } = await lexicalEmbedder().embed(['… !'], { signal })
    expect([new Set(vectors[0]), tokens]).toEqual([new Set([0]), 0])
  })
})

it('names the embedders that there are where one is asked for that is not', () => {
  expect(() => embeddings().get('other')).toThrow(/no embedder other; use one of lexical/)
})
