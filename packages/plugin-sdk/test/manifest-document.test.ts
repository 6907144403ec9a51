import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from '../src/index.ts'

const path = new URL('../schema/manifest.v1.json', import.meta.url)
const schema = z.fromJSONSchema(
  JSON.parse(readFileSync(path, 'utf8')) as Parameters<typeof z.fromJSONSchema>[0],
)
const least = {
  manifestVersion: 1,
  id: 'acme.weather',
  version: '1.0.0',
  type: 'utility',
  description: 'Tells the weather.',
}
const packaging = {
  $schema: './node_modules/@covent/plugin-sdk/schema/manifest.v1.json',
  main: 'plugin.mjs',
  integrity: { files: { 'plugin.mjs': 'sha256-x' } },
}
const accepts = (more: object): boolean => schema.safeParse({ ...least, ...more }).success

describe('the JSON Schema of manifests', () => {
  it('takes a manifest, and a packaged one that names its schema', () => {
    expect(accepts({})).toBe(true)
    expect(accepts(packaging)).toBe(true)
  })

  it.each([
    [{ id: 'weather' }],
    [{ version: '1' }],
    [{ type: 'driver' }],
    [{ manifestVersion: 2 }],
    [{ permission: {} }],
    [{ permissions: { required: { 'net:everything': { reason: 'All' } } } }],
    [{ limits: { memoryMb: 1 } }],
  ])('refuses %j', (wrong) => {
    expect(accepts(wrong)).toBe(false)
  })
})
