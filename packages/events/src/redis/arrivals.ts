import type { EventStats } from '@covent/core'

interface Arrivals {
  count: number
  lagMs: number
}

/** What came from other replicas, by type. */
export const arrivals = () => {
  const byType = new Map<string, Arrivals>()
  return {
    add(type: string, lagMs: number): void {
      const known = byType.get(type)
      if (known === undefined) byType.set(type, { count: 1, lagMs })
      else {
        known.count++
        known.lagMs = lagMs
      }
    },
    in: (stats: Readonly<Record<string, EventStats>>): Record<string, EventStats> =>
      Object.fromEntries(Object.entries(stats).map(([type, one]) => [type, { ...one, ...of(type) }])),
  }
  function of(type: string): Pick<EventStats, 'received' | 'lagMs'> {
    const known = byType.get(type)
    return known === undefined ? { received: 0 } : { received: known.count, lagMs: known.lagMs }
  }
}
