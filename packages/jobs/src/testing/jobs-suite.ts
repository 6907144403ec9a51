import type { Jobs, Service, Stores, UnitOfWork } from '@covent/core'
import { endCases } from './end-cases.ts'
import { runCases } from './run-cases.ts'

/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/** An empty queue over an empty database, not started. */
export interface OpenedJobs {
  readonly jobs: Jobs & Required<Service>
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  /** Another process' view of the same queue. */
  another(): Jobs & Required<Service>
  close(): Promise<void>
}

/** One promise of the contract: its name, and the check, which throws where it is broken. */
export type Cases = Readonly<Record<string, (opened: OpenedJobs) => Promise<void>>>

export interface JobsSuiteOptions {
  /** Names of promises that the driver cannot keep, each with the reason, which its documentation gives too. */
  readonly cannot?: Readonly<Record<string, string>>
}

/** What every driver of jobs must do. Each case opens an empty queue of its own; leases and polls are short in it. */
export const jobsSuite = (
  runner: Runner,
  name: string,
  { open, cannot = {} }: JobsSuiteOptions & { open(): Promise<OpenedJobs> },
): void => {
  const cases: Cases = { ...runCases, ...endCases }
  const unknown = Object.keys(cannot).filter((promise) => !(promise in cases))
  if (unknown.length > 0) throw new Error(`no promises of the suite: ${unknown.join(', ')}`)
  runner.describe(`jobs: ${name}`, () => {
    for (const [promise, check] of Object.entries(cases))
      if (!(promise in cannot))
        runner.it(promise, async () => {
          const opened = await open()
          try {
            await check(opened)
          } finally {
            await opened.close()
          }
        })
  })
}
