import type { Clock } from '@covent/core'

/** Calls `work` again and again with a pause between, until the signal ends it. A failure waits for the next time. */
export const repeat = async (
  {
    clock,
    everyMs,
    signal,
  }: { readonly clock: Clock; readonly everyMs: number; readonly signal: AbortSignal },
  work: () => Promise<unknown> | void,
): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(everyMs * (0.75 + Math.random() / 2), signal).catch(() => undefined)
    if (signal.aborted) return
    try {
      await work()
    } catch {
      // The storage is away: whoever needs it says so, and this looks again.
    }
  }
}
