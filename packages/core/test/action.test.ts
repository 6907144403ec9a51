import { describe, expect, it } from 'vitest'
import { isNamedIn } from '../src/index.ts'

describe('a list of actions that may run', () => {
  it.each([
    ['covent.mail', 'send', true],
    ['acme.mail', 'send', false],
    ['acme.mail', 'pay', true],
    ['evil.mail', 'pay', false],
    ['covent', 'send', false],
  ])('holds %s/%s: %s', (plugin, name, isNamed) => {
    expect(isNamedIn(new Set(['send', 'acme.mail/pay']), { plugin, name })).toBe(isNamed)
  })
})
