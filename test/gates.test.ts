import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TreeCopy, treeCopy } from './support/tree-copy.ts'

const oxlint = ['oxlint', '--type-aware', '--deny-warnings']
const boundaries = ['turbo', 'boundaries']
let tree: TreeCopy

beforeAll(() => {
  tree = treeCopy()
})
afterAll(() => tree.remove())

const seeded = (
  file: string,
  text: string | ((before: string) => string),
  gate: readonly string[],
): string => {
  const { status, output } = tree.gate({ file, text }, gate)
  expect(status, output).not.toBe(0)
  return output
}

describe('the gates refuse', () => {
  it('nothing in the tree as it stands', () => {
    for (const gate of [oxlint, boundaries]) expect(tree.clean(gate)).toMatchObject({ status: 0 })
  })

  it('a service package that imports another', () => {
    const text = "import { authModule } from '@covent/auth/module'\nexport const x = authModule\n"
    expect(seeded('packages/events/src/seeded.ts', text, boundaries)).toContain('@covent/auth')
  })

  it('a service package that declares another', () => {
    const declare = (before: string): string =>
      before.replace(
        '"@covent/core": "workspace:*"',
        '"@covent/auth": "workspace:*",\n    "@covent/core": "workspace:*"',
      )
    const output = seeded('packages/events/package.json', declare, boundaries)
    expect(output).toMatch(/service|auth/)
  })

  it('a contract package that declares any of ours', () => {
    const declare = (before: string): string =>
      before.replace('"zod":', '"@covent/events": "workspace:*",\n    "zod":')
    seeded('packages/core/package.json', declare, boundaries)
  })

  it('Inversify outside its files', () => {
    const text = "import { Container } from 'inversify'\nexport const x = new Container()\n"
    expect(seeded('packages/events/src/seeded.ts', text, oxlint)).toContain('Only src/module.ts')
  })

  it('a cycle between files', () => {
    const cycle = (before: string): string =>
      `import { newId } from './index.ts'\nexport const seeded = newId\n${before}`
    expect(seeded('packages/core/src/token.ts', cycle, oxlint)).toContain('no-cycle')
  })

  it('any', () => {
    expect(
      seeded('packages/core/src/seeded.ts', 'export const x = (y: any): unknown => y\n', oxlint),
    ).toContain('any')
  })

  it('a promise that nobody awaits', () => {
    const text = 'const later = async (): Promise<void> => {}\nexport const x = (): void => {\n  later()\n}\n'
    expect(seeded('packages/core/src/seeded.ts', text, oxlint)).toContain('no-floating-promises')
  })

  it('a file over 300 lines, a function over 60, four parameters', () => {
    const lines = Array.from({ length: 301 }, (_, n) => `export const x${n} = ${n}`).join('\n')
    expect(seeded('packages/core/src/seeded.ts', lines, oxlint)).toContain('max-lines')
    const body = Array.from({ length: 61 }, (_, n) => `  console.log(${n})`).join('\n')
    expect(
      seeded('packages/core/src/seeded.ts', `export const f = (): void => {\n${body}\n}\n`, oxlint),
    ).toContain('max-lines-per-function')
    const four = 'export const f = (a: number, b: number, c: number, d: number): number => a + b + c + d\n'
    expect(seeded('packages/core/src/seeded.ts', four, oxlint)).toContain('max-params')
  })

  it('a file that is not formatted', () => {
    seeded('packages/core/src/seeded.ts', 'export const x  =  "1";\n', ['oxfmt', '--check'])
  })

  it('a type error', () => {
    const output = seeded('packages/di/src/seeded.ts', "export const x: number = 'a'\n", [
      'tsc',
      '-b',
      'packages/di',
    ])
    expect(output).toContain('TS2322')
  })

  it('an import of what is not declared', () => {
    const output = seeded('packages/di/src/seeded.ts', "export { Hono } from 'express'\n", [
      'tsc',
      '-b',
      'packages/di',
    ])
    expect(output).toContain('TS2307')
  })

  it('dead code: an export and a dependency that nobody uses', () => {
    const add = (before: string): string => `${before}export const nobodyUsesThis = 1\n`
    expect(seeded('apps/server/src/stop-signal.ts', add, ['knip'])).toContain('nobodyUsesThis')
    const declare = (before: string): string =>
      before.replace('"commander":', '"express": "5.3.0",\n    "commander":')
    expect(seeded('apps/cli/package.json', declare, ['knip'])).toContain('express')
  })
})
