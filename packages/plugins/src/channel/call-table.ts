import type { CallContext } from '@covent/core'

export interface OpenCall {
  readonly id: number
  readonly context: CallContext
  /** Aborts when it is open no more. */
  readonly ended: AbortSignal
  readonly onProgress: ((text: string) => void) | undefined
  /** Requests made so far. */
  requests: number
  settle(outcome: { readonly output: unknown } | { readonly error: unknown }): void
}

/** A call that the host gave up; its answer may still come, once. */
export interface LateCall {
  /** Ends the wait for it. */
  readonly timer: NodeJS.Timeout
}

export interface CallTable {
  /** Calls that the guest may still work on, given up or not. */
  readonly size: number
  add(call: Omit<OpenCall, 'id' | 'requests'>): OpenCall
  find(id: number): OpenCall | undefined
  /** The open call of that id, which is open no more. */
  take(id: number): OpenCall | undefined
  giveUp(id: number, timer: NodeJS.Timeout): void
  /** True for the first answer to a call that was given up. */
  takeLate(id: number): boolean
  /** True for an id that was ever given out. */
  isIssued(id: number): boolean
  drain(): readonly OpenCall[]
}

export const callTable = (): CallTable => {
  const open = new Map<number, OpenCall>()
  const late = new Map<number, LateCall>()
  let issued = 0
  return {
    get size() {
      return open.size + late.size
    },
    add(call) {
      const opened: OpenCall = { ...call, id: issued++, requests: 0 }
      open.set(opened.id, opened)
      return opened
    },
    find: (id) => open.get(id),
    take(id) {
      const call = open.get(id)
      open.delete(id)
      return call
    },
    giveUp(id, timer) {
      open.delete(id)
      late.set(id, { timer })
    },
    takeLate(id) {
      clearTimeout(late.get(id)?.timer)
      return late.delete(id)
    },
    isIssued: (id) => id < issued,
    drain() {
      const calls = [...open.values()]
      for (const { timer } of late.values()) clearTimeout(timer)
      open.clear()
      late.clear()
      return calls
    },
  }
}
