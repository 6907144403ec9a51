import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { bundleRunner } from '../scripts/bundle-runner.ts'

it('is committed as its sources make it: `npm run generate` renews src/runner.gen.mjs', async () => {
  const committed = await readFile(new URL('../src/runner.gen.mjs', import.meta.url), 'utf8')
  expect(committed === (await bundleRunner())).toBe(true)
})
