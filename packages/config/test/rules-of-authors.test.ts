import { loadConfig } from '@covent/config'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { load, refusal, written } from './harness.ts'

describe('a rule whose schema says in words what it asks', () => {
  const secret = z.string().regex(/^[A-Z_]+$/, 'must be the name of a secret, not its value')
  const host = z.string().regex(/^[a-z.]+$/, 'is not a host name')
  const id = z.string().regex(/^[a-z-]+$/, 'must be in lower case')
  const schema = z.strictObject({ secret, hosts: z.array(host), providers: z.record(id, z.string()) })

  it('is told in these words, never with the value', async () => {
    const file = written('{ secret: "sk-live-1", hosts: ["a b"], providers: { A_B: "x" } }')
    const told = loadConfig({ schema, file })
    await expect(told).rejects.toThrow(/secret \(line 1:3\).*must be the name of a secret, not its value/)
    await expect(told).rejects.toThrow(/hosts\[0\] .*expected text that is a host name/)
    await expect(told).rejects.toThrow(/providers\.A_B .*expected a name that must be in lower case/)
    await expect(told).rejects.not.toThrow(/sk-live-1/)
  })
})

describe('a value of another kind than a variable’s place needs', () => {
  it.each([
    ['[]', /expected an object, found an array/],
    ['null', /expected an object, found null/],
    ['{ http: 5 }', /http \(line 1:3\): expected an object, found a number/],
  ])('%s is refused also where a variable stands over it', async (text, words) => {
    expect((await refusal(text)).message).toMatch(words)
    expect((await refusal(text, { COVENT_HTTP__PORT: '0' })).message).toMatch(words)
  })

  it('is no hindrance where the file says nothing there', async () => {
    expect((await load('{}', { COVENT_HTTP__PORT: '1', COVENT_HTTP__HOST: 'a' })).http).toMatchObject({
      host: 'a',
      port: 1,
    })
  })
})
