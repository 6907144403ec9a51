import type { Clock } from '@covent/core'
import type { GuestProcess } from '../../channel/ends/guest-process.ts'
import type { SandboxLimits } from '../isolation-driver.ts'
import type { ControlGroup, ControlGroups, Controller } from './control-groups.ts'
import { watchUsage } from './watchdog.ts'

/** What V8 itself takes when a plugin works, beside the plugin's values: young objects, compiled code. */
const runtimeMb = 32
const bytesPerMb = 1_048_576
const processes = 48
const emptyingMs = 50

export interface ConfineOptions {
  readonly groups: ControlGroups | undefined
  readonly clock: Clock
}

/** A group without processes is removed; the last one may take a moment to leave. */
const removeGroup = async (group: ControlGroup, clock: Clock): Promise<void> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return group.remove()
    } catch {
      await clock.sleep(emptyingMs)
    }
  }
}

/** What is held by control groups, and what only by looking. */
export const heldBy = (groups: ControlGroups | undefined, controller: Controller): 'cgroup' | 'watchdog' =>
  groups?.controllers.has(controller) ? 'cgroup' : 'watchdog'

/**
 * Holds a guest to its limits: by a control group where there is one, else by a watchdog. They count from its greeting,
 * so that a plugin pays for what it uses on top of an idle runner.
 */
export const confined = (
  guest: GuestProcess,
  { memoryMb, cpuPercent = 100 }: SandboxLimits,
  { groups, clock }: ConfineOptions,
): GuestProcess => {
  const { pid } = guest
  if (pid === undefined) return guest
  const group = groups?.open()
  group?.add(pid)
  const ended = new AbortController()
  const memoryBytes = (memoryMb + runtimeMb) * bytesPerMb
  let isOutOfMemory = false

  const end = guest.end.then((end) => {
    ended.abort()
    isOutOfMemory ||= group?.isOutOfMemory() ?? false
    if (group !== undefined) void removeGroup(group, clock)
    return end
  })
  const watch = (): Promise<never> =>
    watchUsage({
      pid,
      memoryBytes: heldBy(groups, 'memory') === 'watchdog' ? memoryBytes : undefined,
      cpuPercent: heldBy(groups, 'cpu') === 'watchdog' ? cpuPercent : undefined,
      clock,
      signal: ended.signal,
      onOutOfMemory() {
        isOutOfMemory = true
        guest.kill()
      },
    })
  return {
    ...guest,
    end,
    lastWords: () => (isOutOfMemory ? `it used more than its ${memoryMb} MB of memory` : ''),
    onGreeted() {
      group?.limit({ memoryBytes, cpuPercent, processes })
      const isWatched = [heldBy(groups, 'memory'), heldBy(groups, 'cpu')].includes('watchdog')
      if (isWatched) void watch().catch(() => {}) // it ends with the guest
    },
  }
}
