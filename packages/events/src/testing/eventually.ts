import { ok } from 'node:assert/strict'

/** Waits until the check holds, as a bus over a network delivers later. */
export const eventually = async (check: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (let waitedMs = 0; !(await check()); waitedMs += 5) {
    ok(waitedMs < 5000, `in five seconds not seen: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
