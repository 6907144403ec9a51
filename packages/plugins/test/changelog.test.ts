import { expect, it } from 'vitest'
import { changesSince } from '../src/host/update/changelog.ts'

const text = `# Changes

Words before.

## Unreleased

Not yet.

## [1.10.0] - 2026-05-01

Ten.

### Fixed

A thing.

## v1.2.0

Two.

## 1.2.0-beta.1

Beta.

## 1.0.0

First.
`

it('tells of the versions after the installed one, up to the new one', () => {
  expect(changesSince(text, { installed: '1.0.0', next: '1.2.0' })).toBe(
    '## v1.2.0\n\nTwo.\n\n## 1.2.0-beta.1\n\nBeta.',
  )
  expect(changesSince(text, { installed: '1.2.0', next: '1.10.0' })).toBe(
    '## [1.10.0] - 2026-05-01\n\nTen.\n\n### Fixed\n\nA thing.',
  )
})

it('tells nothing where there is nothing to tell, and never more than 8,000 characters', () => {
  expect(changesSince(text, { installed: '1.10.0', next: '2.0.0' })).toBeUndefined()
  expect(changesSince('no headings', { installed: '1.0.0', next: '2.0.0' })).toBeUndefined()
  const long = `## 2.0.0\n\n${'x'.repeat(9_000)}`
  expect(changesSince(long, { installed: '1.0.0', next: '2.0.0' })).toHaveLength(8_000)
})
