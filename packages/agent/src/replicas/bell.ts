/** Wakes those in this process who wait for something by a name. */
export interface Bell {
  ring(name: string): void
  /** Resolves at the next ring, or once the signal is aborted. */
  rung(name: string, signal: AbortSignal): Promise<void>
}

export const bell = (): Bell => {
  const waiting = new Map<string, Set<() => void>>()
  return {
    ring(name) {
      for (const wake of waiting.get(name) ?? []) wake()
    },
    rung: (name, signal) =>
      new Promise((resolve) => {
        const waiters = waiting.get(name) ?? new Set()
        waiting.set(name, waiters)
        const wake = (): void => {
          signal.removeEventListener('abort', wake)
          waiters.delete(wake)
          if (waiters.size === 0 && waiting.get(name) === waiters) waiting.delete(name)
          resolve()
        }
        waiters.add(wake)
        signal.addEventListener('abort', wake, { once: true })
        if (signal.aborted) wake()
      }),
  }
}
