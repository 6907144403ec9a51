/** Gathers what is asked for while earlier work still runs, and does it together. */
export interface Batches<Item> {
  /** Resolves when the batch with this item is done; rejects where that failed. */
  add(item: Item): Promise<void>
}

export const batches = <Item>(run: (items: readonly Item[]) => Promise<void>): Batches<Item> => {
  let waiting: Item[] = []
  let next: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()

  const begin = (): Promise<void> => {
    const items = waiting
    waiting = []
    next = undefined
    const done = run(items)
    running = done.catch(() => {}) // told to those who asked
    return done
  }
  return {
    add(item) {
      waiting.push(item)
      next ??= running.then(begin)
      return next
    },
  }
}
