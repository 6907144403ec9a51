import { type Manifest, manifestSchema } from '@covent/plugin-sdk/manifest'
import { describe, expect, it } from 'vitest'
import { type LoadedAction, loadActions } from '../src/host/action-schemas.ts'

const manifestWith = (input: object, output: object = {}): Manifest =>
  manifestSchema.parse({
    manifestVersion: 1,
    id: 'acme.schemas',
    version: '1.0.0',
    type: 'utility',
    description: 'Made for a test.',
    contributes: { actions: [{ name: 'act', description: 'x', effect: 'read', input, output }] },
  })

const load = (input: object, output?: object): LoadedAction =>
  loadActions(manifestWith(input, output)).get('act')!

const nested = (depth: number): object =>
  Array.from({ length: depth }).reduce<object>((inner) => ({ type: 'array', items: inner }), {})

describe('the host', () => {
  it('checks types, bounds and unknown members by the manifest', () => {
    const { checkInput } = load({
      type: 'object',
      properties: { n: { type: 'integer', minimum: 1 }, kind: { enum: ['a', 'b'] } },
      required: ['n'],
      additionalProperties: false,
    })
    expect(() => checkInput({ n: 1, kind: 'a' })).not.toThrow()
    for (const wrong of [{}, { n: 0 }, { n: 1.5 }, { n: 1, kind: 'c' }, { n: 1, more: 1 }, [], null, 'x'])
      expect(() => checkInput(wrong)).toThrow(expect.objectContaining({ code: 'plugin.input-invalid' }))
  })

  it('takes one of several, as unions are written', () => {
    const kinds = [
      { type: 'object', properties: { k: { const: 'a' } }, required: ['k'] },
      { type: 'object', properties: { k: { const: 'b' }, n: { type: 'number' } }, required: ['k', 'n'] },
    ]
    const { parseOutput } = load({}, { oneOf: kinds })
    expect(parseOutput({ k: 'b', n: 1 })).toEqual({ k: 'b', n: 1 })
    expect(() => parseOutput({ k: 'b' })).toThrow(expect.objectContaining({ code: 'plugin.output-invalid' }))
  })

  it('runs no regular expression of a plugin', () => {
    const text = { type: 'string', pattern: '^(a+)+$' }
    const { checkInput } = load({
      type: 'object',
      properties: { text },
      patternProperties: { '(a+)+$': text },
    })
    const startedAt = performance.now()
    checkInput({ text: `${'a'.repeat(40)}!`, [`${'a'.repeat(40)}!`]: 'x' })
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  it('follows no reference, and gives up a schema without measure', () => {
    const branch = { $ref: '#/$defs/a' }
    const { checkInput } = load({
      $defs: { a: { anyOf: [branch, branch] } },
      properties: { x: branch },
      type: 'object',
    })
    expect(() => checkInput({ x: [[[]]] })).not.toThrow()
    const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`p${n}`, {}]))
    expect(() => load({ type: 'object', properties: many })).toThrow(/more than 2000 parts/)
    expect(() => load(nested(60))).not.toThrow()
  })

  it('refuses a value whose check would cost too much', () => {
    const anyOf = Array.from({ length: 200 }, (_, n) => ({ const: `value ${n}` }))
    const { parseOutput } = load({}, { type: 'array', items: { anyOf } })
    expect(parseOutput(['value 3'])).toEqual(['value 3'])
    const startedAt = performance.now()
    expect(() => parseOutput(Array.from({ length: 100_000 }, () => 'none'))).toThrow(
      /too large for the alternatives/,
    )
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
