import type { Clock, Metrics, Stores } from '@covent/core'

export interface DepthOptions {
  readonly outbox: Pick<Stores['outbox'], 'depths'>
  readonly metrics: Metrics
  readonly clock: Clock
  /** Those of this process, which are shown also when nothing stands there for them. */
  readonly consumers: Iterable<string>
}

/** Shows how much stands in the outbox for whom, and for how long. */
export const measureDepths = async ({ outbox, metrics, clock, consumers }: DepthOptions): Promise<void> => {
  const found = new Map((await outbox.depths()).map((depth) => [depth.consumer, depth]))
  for (const consumer of new Set([...consumers, ...found.keys()])) {
    const { open = 0, parked = 0, dead = 0, oldestAt } = found.get(consumer) ?? {}
    for (const [state, count] of Object.entries({ open, parked, dead }))
      metrics.gauge('outbox_events', count, { consumer, state })
    const ageMs = oldestAt === undefined ? 0 : Math.max(0, clock.now() - oldestAt)
    metrics.gauge('outbox_oldest_ms', ageMs, { consumer })
  }
}
