import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TreeCopy, treeCopy, type Violation } from './support/tree-copy.ts'

/** All violations are seeded into one package: `npm run check` lints the whole. */
const oxlint = ['oxlint', '--type-aware', '--deny-warnings', '--format=unix', 'packages/core']
const boundaries = ['turbo', 'boundaries']
let tree: TreeCopy

beforeAll(() => {
  tree = treeCopy()
})
afterAll(() => tree.remove())

const refused = (gate: readonly string[], file: string, text: Violation['text']): string => {
  const { status, output } = tree.gate([{ file, text }], gate)
  expect(status, output).not.toBe(0)
  return output
}

const declaring =
  (dependency: string): ((before: string) => string) =>
  (before) =>
    before.replace('"dependencies": {', `"dependencies": {\n    ${dependency},`)

describe('a tree without violations', () => {
  it.each([[oxlint], [boundaries]])('passes %s', (gate) => {
    const { status, output } = tree.gate([], gate)
    expect(status, output).toBe(0)
  })
})

describe('the boundaries refuse', () => {
  it('a service package that imports another', () => {
    const text = "import { authModule } from '@covent/auth/module'\nexport const x = authModule\n"
    expect(refused(boundaries, 'packages/events/src/seeded.ts', text)).toContain('seeded.ts')
  })

  it('a service package that declares another', () => {
    const output = refused(
      boundaries,
      'packages/events/package.json',
      declaring('"@covent/auth": "workspace:*"'),
    )
    expect(output).toContain('@covent/auth')
  })

  it('a contract package that declares any of ours', () => {
    const output = refused(
      boundaries,
      'packages/core/package.json',
      declaring('"@covent/events": "workspace:*"'),
    )
    expect(output).toContain('@covent/events')
  })

  it('a service that declares the plugin SDK, which only the plugin host may', () => {
    const output = refused(
      boundaries,
      'packages/agent/package.json',
      declaring('"@covent/plugin-sdk": "workspace:*"'),
    )
    expect(output).toContain('@covent/plugin-sdk')
  })
})

describe('the linter refuses', () => {
  const lines = (count: number, line: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => line(n)).join('\n')
  const seeds: Readonly<Record<string, readonly [rule: string, text: string]>> = {
    inversify: [
      'no-restricted-imports',
      "import { Container } from 'inversify'\nexport const x = new Container()\n",
    ],
    any: ['no-explicit-any', 'export const x = (y: any): unknown => y\n'],
    'forgotten-promise': [
      'no-floating-promises',
      'const later = async (): Promise<void> => {}\nexport const x = (): void => {\n  later()\n}\n',
    ],
    'long-file': ['max-lines', lines(301, (n) => `export const x${n} = ${n}`)],
    'long-function': [
      'max-lines-per-function',
      `export const f = (): void => {\n${lines(61, (n) => `  console.log(${n})`)}\n}\n`,
    ],
    'four-parameters': [
      'max-params',
      'export const f = (a: number, b: number, c: number, d: number): number => a + b + c + d\n',
    ],
    'default-export': ['no-default-export', 'export default 1\n'],
    'deep-nesting': [
      'max-depth',
      'export const f = (n: number): void => {\n  if (n > 0) {\n    if (n > 1) {\n      if (n > 2) {\n        if (n > 3) console.log(n)\n      }\n    }\n  }\n}\n',
    ],
  }
  let output = ''
  beforeAll(() => {
    const violations = Object.entries(seeds).map(([name, [, text]]) => ({
      file: `packages/core/src/seeded-${name}.ts`,
      text,
    }))
    const cycle = (before: string): string =>
      `import { newId } from './index.ts'\nexport const seeded = newId\n${before}`
    const result = tree.gate([...violations, { file: 'packages/core/src/token.ts', text: cycle }], oxlint)
    expect(result.status).not.toBe(0)
    output = result.output
  })

  it.each(Object.entries(seeds))('%s', (name, [rule]) => {
    expect(output).toMatch(new RegExp(`seeded-${name}\\.ts:.*\\(${rule}\\)`))
  })

  it('a cycle between files', () => {
    expect(output).toMatch(/token\.ts:.*\(no-cycle\)/)
  })
})

describe('the other gates refuse', () => {
  it('a file that is not formatted', () => {
    expect(
      refused(
        ['oxfmt', '--check', 'packages/core'],
        'packages/core/src/seeded.ts',
        'export const x  =  "1";\n',
      ),
    ).toContain('seeded.ts')
  })

  it('a type error', () => {
    const output = refused(
      ['tsc', '-b', 'packages/di'],
      'packages/di/src/seeded.ts',
      "export const x: number = 'a'\n",
    )
    expect(output).toContain('TS2322')
  })

  it('an import of what is not declared', () => {
    const output = refused(
      ['tsc', '-b', 'packages/di'],
      'packages/di/src/seeded.ts',
      "export { Router } from 'express'\n",
    )
    expect(output).toContain('TS2307')
  })

  it('dead code: an export and a dependency that nobody uses', () => {
    const unused = (before: string): string => `${before}export const nobodyUsesThis = 1\n`
    const violations = [
      { file: 'apps/server/src/stop-signal.ts', text: unused },
      { file: 'apps/cli/package.json', text: declaring('"express": "5.3.0"') },
    ]
    const { status, output } = tree.gate(violations, ['knip'])
    expect(status).not.toBe(0)
    expect(output).toContain('nobodyUsesThis')
    expect(output).toContain('express')
  })
})
