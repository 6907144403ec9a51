import type { Clock, Logger, Turn, TurnLease, TurnStore } from '@covent/core'
import type { LiveTurn } from '../turn/live-turn.ts'

export interface KeeperOptions {
  readonly turns: TurnStore
  readonly clock: Clock
  readonly logger: Logger
  /** As whom this process holds turns, and how long without renewing. */
  readonly lease: TurnLease
  /** The turns that this process answers. */
  readonly live: ReadonlyMap<string, LiveTurn>
  /** Whether there is room for one more. */
  hasRoom(): boolean
  /** Answers a turn that is this process's from now on. */
  takeUp(turn: Turn): void
}

/** Keeps this process's hold on its turns, and takes over those that nobody holds any more. */
export interface Keeper {
  /** Takes over what it can, then goes on doing so in the background. */
  start(): Promise<void>
  /** Lets go of its turns, so that others go on with them at once. */
  stop(): Promise<void>
}

/** Tries twice before a hold ends. */
const beatsPerLease = 3

const loseTaken = async ({ turns, lease, live, logger }: KeeperOptions): Promise<void> => {
  if (live.size === 0) return
  const held = new Set(await turns.renew(lease))
  for (const one of [...live.values()].filter(({ turn }) => !held.has(turn.id))) {
    const known = await turns.find(one.turn.id)
    if (known?.state !== 'accepted' || known.owner === lease.owner) continue
    logger.warn('another server has taken a turn over', { turnId: known.id, owner: known.owner })
    one.lose()
  }
}

const takeLapsed = async ({ turns, lease, logger, hasRoom, takeUp }: KeeperOptions): Promise<void> => {
  for (const lapsed of await turns.lapsed()) {
    if (!hasRoom()) return
    const mine = await turns.takeOver(lapsed, lease)
    if (mine === undefined) continue
    logger.info('taking up an unfinished turn', { turnId: mine.id, from: lapsed.owner })
    takeUp(mine)
  }
}

export const keeper = (options: KeeperOptions): Keeper => {
  const { clock, logger, lease } = options
  const stopping = new AbortController()
  const beat = async (): Promise<void> => {
    await loseTaken(options)
    await takeLapsed(options)
  }
  const keep = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(lease.leaseMs / beatsPerLease, stopping.signal)
      await beat().catch((error: unknown) =>
        logger.warn('holds of turns could not be renewed', { err: error }),
      )
    }
  }
  return {
    async start() {
      await beat()
      // It ends by the abort of its sleep alone.
      keep().catch(() => undefined)
    },
    async stop() {
      stopping.abort()
      await options.turns.renew({ ...lease, leaseMs: 0 }).catch((error: unknown) => {
        logger.warn('holds of turns end only by themselves', { err: error })
      })
    },
  }
}
