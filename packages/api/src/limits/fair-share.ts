/** Keeps one caller from taking all of the room that there is. */
export interface FairShare {
  /** Takes a place; undefined where the caller's share is used up. Returns how to leave it. */
  enter(key: string): (() => void) | undefined
}

/**
 * Of `room` places a caller may take an equal share among those who hold some, one of the shares being kept free for who comes
 * next: alone half of them, two a third each.
 */
export const fairShare = (room: number): FairShare => {
  const held = new Map<string, number>()
  let total = 0
  return {
    enter(key) {
      const own = held.get(key) ?? 0
      const callers = held.size + (own === 0 ? 1 : 0)
      if (total >= room || own >= Math.max(1, Math.floor(room / (callers + 1)))) return undefined
      held.set(key, own + 1)
      total++
      return () => {
        total--
        const left = held.get(key)! - 1
        if (left === 0) held.delete(key)
        else held.set(key, left)
      }
    },
  }
}
