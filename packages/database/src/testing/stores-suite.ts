import type { Stores, UnitOfWork } from '@covent/core'
import { conversationCases } from './conversation-cases.ts'
import { deviceCases } from './identity/device-cases.ts'
import { keyCases } from './identity/key-cases.ts'
import { jobCases } from './jobs/job-cases.ts'
import { jobOperationCases } from './jobs/job-operation-cases.ts'
import { keyValueCases } from './key-value-cases.ts'
import { memoryCases } from './memory-cases.ts'
import { messageCases } from './message-cases.ts'
import { outboxCases } from './outbox/outbox-cases.ts'
import { pluginCases } from './plugin-cases.ts'
import { secretCases } from './secret-cases.ts'
import { secondFactorCases } from './identity/second-factor-cases.ts'
import { turnCases } from './turns/turn-cases.ts'
import { turnHoldCases } from './turns/turn-hold-cases.ts'
import { unitCases } from './unit-cases.ts'

/** The two words of a test runner that the suite needs; vitest, jest, mocha and node:test have them. */
export interface Runner {
  describe(name: string, body: () => void): void
  it(name: string, body: () => Promise<void>): void
}

/** An empty database, and how to close it. */
export interface Opened {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  close(): Promise<void>
}

/** One promise of the contract: its name, and the check, which throws where it is broken. */
export type Cases = Readonly<Record<string, (opened: Opened) => Promise<void>>>

const concerns: Readonly<Record<string, Cases>> = {
  conversations: conversationCases,
  messages: messageCases,
  'second factors': secondFactorCases,
  turns: turnCases,
  'holds of turns': turnHoldCases,
  keys: keyCases,
  'devices and sessions': deviceCases,
  'key values': keyValueCases,
  plugins: pluginCases,
  secrets: secretCases,
  memories: memoryCases,
  outbox: outboxCases,
  jobs: jobCases,
  'jobs looked after': jobOperationCases,
  'units of work': unitCases,
}

/** What every driver of the stores must do. Each case opens an empty database of its own. */
export const storesSuite = (runner: Runner, name: string, open: () => Promise<Opened>): void => {
  const checked = (check: Cases[string]) => async () => {
    const opened = await open()
    try {
      await check(opened)
    } finally {
      await opened.close()
    }
  }
  for (const [concern, cases] of Object.entries(concerns))
    runner.describe(`${name}: ${concern}`, () => {
      for (const [promise, check] of Object.entries(cases)) runner.it(promise, checked(check))
    })
}
