/** The latest items, up to a number of them. */
export interface Ring<T> {
  push(item: T): void
  /** From the oldest on. */
  values(): readonly T[]
}

export const ring = <T>(capacity: number): Ring<T> => {
  const items: T[] = []
  let next = 0
  return {
    push(item) {
      items[next] = item
      next = (next + 1) % capacity
    },
    values: () => (items.length < capacity ? [...items] : [...items.slice(next), ...items.slice(0, next)]),
  }
}
