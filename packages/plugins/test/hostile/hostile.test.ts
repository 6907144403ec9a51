import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { hostileSuite } from './hostile-suite.ts'

/** False for one that has ended and that nobody has asked after yet. */
const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0
  } catch {
    return false
  }
}

describeWith('bubblewrap', 'a host with hostile plugins in the process sandbox', () => {
  const host = hostileSuite('process')

  it('leaves no plugin behind when it is killed itself', async () => {
    const pid = await host().loop()
    expect(isAlive(pid)).toBe(true)
    await host().kill()
    for (let n = 0; n < 50 && isAlive(pid); n++) await sleep(20)
    expect(isAlive(pid)).toBe(false)
  })
})
