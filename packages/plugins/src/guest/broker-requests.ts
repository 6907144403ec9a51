import type { Connection } from './connection.ts'

/** A refusal by the host, with its code. */
export class HostRefusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'HostRefusal'
    this.code = code
  }
}

export interface BrokerRequests {
  /** Asks the host for something on behalf of a call. */
  ask(call: number, method: string, params: object): Promise<unknown>
  reply(message: { readonly call: number; readonly n: number; readonly value?: unknown }): void
  refuse(message: {
    readonly call: number
    readonly n: number
    readonly error: { readonly code: string; readonly message: string }
  }): void
  /** Forgets the numbering of a call that has ended. */
  end(call: number): void
}

interface Waiter {
  resolve(value: unknown): void
  reject(error: Error): void
}

export const brokerRequests = (connection: Connection): BrokerRequests => {
  const waiters = new Map<string, Waiter>()
  const counts = new Map<number, number>()
  const settle = (call: number, n: number): Waiter | undefined => {
    const waiter = waiters.get(`${call}:${n}`)
    waiters.delete(`${call}:${n}`)
    return waiter
  }
  return {
    ask: (call, method, params) =>
      new Promise((resolve, reject) => {
        const n = counts.get(call) ?? 0
        connection.send({ kind: 'request', call, n, method, params })
        counts.set(call, n + 1)
        waiters.set(`${call}:${n}`, { resolve, reject })
      }),
    reply: ({ call, n, value }) => settle(call, n)?.resolve(value),
    refuse: ({ call, n, error }) => settle(call, n)?.reject(new HostRefusal(error.code, error.message)),
    end: (call) => void counts.delete(call),
  }
}
