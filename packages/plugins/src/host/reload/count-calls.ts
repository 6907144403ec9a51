import type { Sandbox } from '../../drivers/isolation-driver.ts'

export interface CountedCalls {
  /** The same sandbox, whose calls are counted. */
  readonly sandbox: Sandbox
  /** Resolves when no call is in flight. */
  idle(): Promise<void>
}

export const countCalls = (sandbox: Sandbox): CountedCalls => {
  let inFlight = 0
  let waiters: (() => void)[] = []
  const leave = (): void => {
    if (--inFlight > 0) return
    for (const wake of waiters) wake()
    waiters = []
  }
  return {
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    sandbox: {
      ...sandbox,
      async call(action, input, options) {
        inFlight++
        try {
          return await sandbox.call(action, input, options)
        } finally {
          leave()
        }
      },
    },
  }
}
