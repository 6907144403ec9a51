import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { memoryMind } from './memory-mind.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

const actions = {
  embed: `const vectors = await ctx.embeddings.embed(input.texts, { model: input.model })
    return { areFloats: vectors.every((one) => one instanceof Float32Array), numbers: vectors.map((one) => [...one]) }`,
}
const open = async (scope: string) => {
  const more = `permissions: { required: { 'ai:embedding': { ${scope} reason: 'Compare' } } },`
  const bundled = [bundle('embedder', pluginSource('acme.embedder', { more, actions }))]
  return startHost({ bundled, mind: memoryMind() })
}

describeWith('bubblewrap', 'ctx.embeddings', () => {
  it('hands over a Float32Array for each text', async () => {
    const { call } = await open('')
    expect(await call('acme.embedder', 'embed', { texts: ['ab', '', 'abc'] })).toEqual({
      areFloats: true,
      numbers: [
        [2, 0.5],
        [0, 0.5],
        [3, 0.5],
      ],
    })
    expect(await call('acme.embedder', 'embed', { texts: [] })).toEqual({ areFloats: true, numbers: [] })
  })

  it('asks no embedder but those that the permission names', async () => {
    const { call, refusal, audited } = await open(`models: ['others'],`)
    await call('acme.embedder', 'embed', { texts: ['a'] })
    expect(await refusal('acme.embedder', 'embed', { texts: ['a'], model: 'lengths' })).toBe(
      'plugin.permission-denied',
    )
    expect(audited).toContainEqual(
      expect.objectContaining({ action: 'embeddings.embed', target: 'lengths', outcome: 'denied' }),
    )
  })

  it('refuses what would be over the tokens of a day, and texts that are too many or too long', async () => {
    const { call, refusal } = await open('maxTokensPerDay: 30,')
    const code = (texts: readonly string[]) => refusal('acme.embedder', 'embed', { texts })
    expect(await code(['x'.repeat(61)])).toBe('limit.budget-exceeded')
    await call('acme.embedder', 'embed', { texts: ['a', 'b'] })
    expect(await code(['x'.repeat(21)])).toBe('limit.budget-exceeded')
    expect(await code(Array.from({ length: 65 }, () => 'a'))).toBe('plugin.input-invalid')
    expect(await code(['x'.repeat(8_001)])).toBe('plugin.input-invalid')
    expect(await code(Array.from({ length: 13 }, () => 'x'.repeat(8_000)))).toBe('plugin.input-invalid')
  })
})
