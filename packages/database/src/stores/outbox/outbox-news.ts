type Listener = (consumers: readonly string[]) => void

/** Where an outbox says for whom it has something. */
export interface OutboxNews {
  tell(consumers: readonly string[]): void
  onDue(listener: Listener): Disposable
}

export interface OutboxListeners extends OutboxNews {
  /** Runs a unit of work and tells what it had to tell once that has committed. */
  afterCommit<T>(run: (news: OutboxNews) => Promise<T>): Promise<T>
}

/** Those of one database in this process. */
export const outboxListeners = (): OutboxListeners => {
  const listeners = new Set<Listener>()
  const tell = (consumers: readonly string[]): void => {
    for (const listener of listeners) listener(consumers)
  }
  const onDue = (listener: Listener): Disposable => {
    const own: Listener = (consumers) => listener(consumers)
    listeners.add(own)
    return { [Symbol.dispose]: () => void listeners.delete(own) }
  }
  return {
    tell,
    onDue,
    async afterCommit(run) {
      let told: Set<string> | undefined
      const keep = (consumers: readonly string[]): void => {
        told ??= new Set()
        for (const consumer of consumers) told.add(consumer)
      }
      const result = await run({ tell: keep, onDue })
      if (told !== undefined) tell([...told])
      return result
    },
  }
}
