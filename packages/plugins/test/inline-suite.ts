import { strict as assert } from 'node:assert'
import { after, before, describe, it } from 'node:test'
import { systemClock } from '@covent/core'
import { inlineDriver } from '../src/drivers/in-host/inline.ts'
import { driverSuite, type Runner } from '../src/testing.ts'

/*
 * The suite of all drivers for the one that loads modules into its own process, which vitest would load in its own way:
 * run by Node's test runner.
 */
const runner: Runner = {
  describe: (name, body) => void describe(name, body),
  it: (name, body) => void it(name, body),
  beforeAll: (work) => before(work),
  afterAll: (work) => after(work),
  expect: (value) => ({
    toBe: (expected) => assert.equal(value, expected),
    toMatch: (expected) => assert.match(String(value), expected),
  }),
}
const driver = inlineDriver(systemClock)
// Nothing holds code that runs in the host itself: one that loops or exits takes the host along.
driverSuite(runner, 'inline', { open: () => driver, without: ['loops', 'exits', 'usage'] })
