import type { Service } from '@covent/core'

/** Tells replicas that events are due. What it loses is found by polling. */
export interface NoticeCarrier extends Service {
  /** Tells one replica or another that something is due for the consumer. */
  notify(consumer: string): void
  /** From the start on: notices for these consumers, and one for each when some may have been lost. */
  listen(listener: NoticeListener): void
}

export interface NoticeListener {
  readonly consumers: readonly string[]
  /** Whether this replica would do anything about a notice now. */
  hasRoom(consumer: string): boolean
  due(consumer: string): void
}
