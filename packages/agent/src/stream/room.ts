/** Lets a limited number in at once; the others wait, first come first served. */
export interface Room<T> {
  /** Lets it in now or when there is room. */
  offer(guest: T): void
  /** It leaves, or waits no more. */
  remove(guest: T): void
}

export const room = <T>(limit: number, letIn: (guest: T) => void): Room<T> => {
  const inside = new Set<T>()
  const waiting = new Set<T>()
  const admit = (guest: T): void => {
    waiting.delete(guest)
    inside.add(guest)
    letIn(guest)
  }
  return {
    offer(guest) {
      if (inside.has(guest)) return
      if (inside.size < limit) admit(guest)
      else waiting.add(guest)
    },
    remove(guest) {
      waiting.delete(guest)
      if (!inside.delete(guest)) return
      for (const next of waiting) {
        if (inside.size >= limit) return
        admit(next)
      }
    },
  }
}
