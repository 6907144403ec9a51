/** Numbers kept by key, in one block of memory: about 45 bytes a key besides its text. */
export interface KeyTable {
  /** Where the numbers of a key stand in `state`; a new key's are 0. */
  place(key: string, nowMs: number): number
  /** Read it after `place`, which may have moved it. */
  readonly state: Float64Array
}

export interface KeyTableOptions {
  readonly width: number
  /** Keys with numbers of their own. */
  readonly mostKeys: number
  isIdle(state: Float64Array, at: number, nowMs: number): boolean
}

const firstRoom = 64
const sweepEveryMs = 1_000
/** For keys that find no room. */
const sharedPlaces = 4_096

/** FNV-1a. */
const hashOf = (text: string): number => {
  let hash = 0x81_1c_9d_c5
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01_00_01_93)
  return hash >>> 0
}

/**
 * Full of keys that all still count, it takes no new one: keys that come then share 4,096 places by their hash. So a flood of
 * keys costs no memory, frees nobody of a limit, and strangers share one only while it lasts.
 */
export const keyTable = ({ width, mostKeys, isIdle }: KeyTableOptions): KeyTable => {
  const places = new Map<string, number>()
  const free: number[] = []
  const shared = sharedPlaces * width
  let used = 0
  let sweptMs = Number.NEGATIVE_INFINITY

  const sweep = (nowMs: number): void => {
    if (nowMs - sweptMs < sweepEveryMs) return
    sweptMs = nowMs
    for (const [key, at] of places) {
      if (!isIdle(table.state, at, nowMs)) continue
      places.delete(key)
      free.push(at)
      table.state.fill(0, at, at + width)
    }
  }
  const grow = (): void => {
    const room = Math.min(mostKeys, ((table.state.length - shared) / width) * 2)
    const larger = new Float64Array(shared + room * width)
    larger.set(table.state)
    table.state = larger
  }
  const newPlace = (): number => {
    const at = free.pop() ?? shared + used++ * width
    if (at >= table.state.length) grow()
    return at
  }
  const table = {
    state: new Float64Array(shared + Math.min(firstRoom, mostKeys) * width),
    place(key: string, nowMs: number): number {
      const known = places.get(key)
      if (known !== undefined) return known
      if (places.size >= mostKeys) sweep(nowMs)
      if (places.size >= mostKeys) return (hashOf(key) % sharedPlaces) * width
      const at = newPlace()
      places.set(key, at)
      return at
    },
  }
  return table
}
