import { type Clock, type EventBus, type Logger, PluginError } from '@covent/core'
import type { PluginsConfig } from '../../config.ts'
import type { ManagedPlugin, Trial } from '../managed-plugin.ts'
import { turnstile } from '../turnstile.ts'

/** What came into a place. */
export interface Placement extends ManagedPlugin {
  /** Resolves when nobody watches it any more: with undefined, or with why the one before it serves again. */
  readonly watched: Promise<PluginError | undefined>
}

/** The place of one plugin: what serves there, and how another process takes over from it. */
export interface PluginSlot {
  readonly current: ManagedPlugin
  /**
   * Puts what `make` makes into the place. Where something runs there the new one starts beside it, takes over when it
   * is ready and well, and the old one ends when its calls have. Rejects with `plugin.rolled-back` where the new one
   * does not get so far: then the old one goes on. A new version is watched for `reload.watchMs`; a crash or a
   * complaint in that time brings the old one back, which stood by.
   */
  replace(make: (trial?: Trial) => ManagedPlugin): Promise<Placement>
  stop(reason?: string): Promise<void>
}

export interface SlotServices {
  readonly clock: Clock
  readonly events: Pick<EventBus, 'emit'>
  readonly logger: Logger
  readonly settings: PluginsConfig['reload']
}

interface Change {
  readonly old: ManagedPlugin
  readonly next: ManagedPlugin
}

interface Slot extends SlotServices {
  current: ManagedPlugin
  /** What runs beside it: on trial, standing by or draining. */
  readonly others: Set<ManagedPlugin>
  /** The watch over a new version, and how to end it. */
  watch: { readonly over: AbortController; readonly watched: Placement['watched'] } | undefined
  isStopped: boolean
}

const settledWell = Promise.resolve(undefined)

const rolledBack = ({ events, logger }: Slot, { old, next }: Change, why: string): PluginError => {
  const { id, version } = old.info()
  const code = 'plugin.rolled-back'
  const tried = next.info().version || 'the new one'
  const error = new PluginError(code, `${id} ${version} goes on serving; ${tried} was given up: ${why}`)
  events.emit('plugin.failed', { plugin: id, error: { code, message: error.message } })
  logger.warn('plugin rolled back', { plugin: id, version, reason: error.message })
  return error
}

const end = async (slot: Slot, plugin: ManagedPlugin, ending: Promise<void>): Promise<void> => {
  slot.others.add(plugin)
  await ending
  slot.others.delete(plugin)
}

const retire = (slot: Slot, { old, next }: Change): void =>
  void end(slot, old, old.retire(`${next.info().version} took over`, slot.settings.drainMs))

/** Starts the new one beside the old one. Throws where it does not become ready and well. */
const tryOut = async (slot: Slot, change: Change): Promise<void> => {
  const { next } = change
  slot.others.add(next)
  next.start()
  await next.settled
  slot.others.delete(next)
  if (next.running() !== undefined && !slot.isStopped) return
  const { reason = 'it was stopped' } = next.info()
  void end(slot, next, next.stop('it was given up'))
  throw rolledBack(slot, change, reason)
}

const handOver = (slot: Slot, from: ManagedPlugin, to: ManagedPlugin): void => {
  slot.current = to
  to.open(from.close())
}

/** Keeps the old one standing by until the new one has held for a while. */
const watchOver = (slot: Slot, change: Change, ill: Promise<PluginError>): Placement['watched'] => {
  const { clock, settings } = slot
  const over = new AbortController()
  const wait = async (): Promise<PluginError | undefined> => {
    const held = clock.sleep(settings.watchMs, over.signal).then(
      () => undefined,
      () => undefined, // another change ends the watch
    )
    const error = await Promise.race([ill, held])
    over.abort()
    slot.watch = undefined
    slot.others.delete(change.old)
    if (error === undefined) {
      retire(slot, change)
      return undefined
    }
    handOver(slot, change.next, change.old)
    void end(slot, change.next, change.next.stop('it was rolled back'))
    return rolledBack(slot, change, error.message)
  }
  slot.others.add(change.old)
  const watched = wait()
  slot.watch = { over, watched }
  return watched
}

const endWatch = async ({ watch }: Slot): Promise<void> => {
  watch?.over.abort()
  await watch?.watched
}

const replaceCold = async (slot: Slot, next: ManagedPlugin): Promise<Placement> => {
  const old = slot.current
  slot.current = next
  await old.stop('its operator changed it')
  next.start()
  return { ...next, watched: settledWell }
}

const replace = async (slot: Slot, make: (trial?: Trial) => ManagedPlugin): Promise<Placement> => {
  await endWatch(slot)
  if (slot.isStopped) throw new PluginError('plugin.unavailable', 'the server is stopping')
  const old = slot.current
  if (old.running() === undefined) return replaceCold(slot, make())
  const ill = Promise.withResolvers<PluginError>()
  const next = make({ id: old.info().id, ill: ill.resolve })
  if (next.isDisabled) return replaceCold(slot, next)
  const change = { old, next }
  await tryOut(slot, change)
  handOver(slot, old, next)
  // What changed are its grants or its settings: there is no version to go back to.
  if (next.info().version !== old.info().version && slot.settings.watchMs > 0)
    return { ...next, watched: watchOver(slot, change, ill.promise) }
  retire(slot, change)
  return { ...next, watched: settledWell }
}

export const pluginSlot = (first: ManagedPlugin, services: SlotServices): PluginSlot => {
  const alone = turnstile(1)
  const slot: Slot = { ...services, current: first, others: new Set(), watch: undefined, isStopped: false }
  return {
    get current() {
      return slot.current
    },
    replace: (make) => alone(() => replace(slot, make)),
    async stop(reason) {
      slot.isStopped = true
      await endWatch(slot)
      await Promise.all([slot.current, ...slot.others].map((plugin) => plugin.stop(reason)))
    },
  }
}
