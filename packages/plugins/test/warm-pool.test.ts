import { systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { processTree } from '../src/channel/ends/process-usage.ts'
import { processDriver } from '../src/drivers/process.ts'
import type { Sandbox } from '../src/drivers/isolation-driver.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hostilePlugin } from './hostile-plugin.ts'
import { pidsOf, processesOf, until } from './living-processes.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

const nodeOf = ({ pid }: Sandbox): number => processTree(pid!).pids.at(-1)!

/** A driver that keeps one process of that much memory, and how to open a plugin in it. */
const warmDriver = (memoryMb: number) => {
  const driver = processDriver({ uid: 60_977, warm: 1 }, systemClock)
  const kept = driver.keepWarm!({ memoryMb })
  onTestFinished(() => kept[Symbol.asyncDispose]())
  const open = async (asked: number): Promise<Sandbox> => {
    const sandbox = await openPlugin(driver, hostilePlugin, { memoryMb: asked })
    onTestFinished(() => endSandbox(sandbox))
    return sandbox
  }
  return { kept, open }
}

describeWith('bubblewrap', 'a process that waits for a plugin', () => {
  it('serves one that fits and no second one, and another takes its place', async () => {
    const { kept, open } = warmDriver(81)
    expect(await until(() => processesOf(81) === 1)).toBe(true)
    const [waiting] = pidsOf(81)
    const other = await open(82)
    const first = await open(81)
    const second = await open(81)
    expect([other, first, second].map(nodeOf).map((pid) => pid === waiting)).toEqual([false, true, false])
    expect(await callAction(first, { action: 'echo', input: 1 })).toBe(1)
    await endSandbox(first)
    await endSandbox(second)
    expect(await until(() => processesOf(81) === 1)).toBe(true)
    expect(pidsOf(81)).not.toContain(waiting)
    await kept[Symbol.asyncDispose]()
    expect(await until(() => processesOf(81) === 0)).toBe(true)
  })

  it('is held to its limits like any other', async () => {
    const { open } = warmDriver(83)
    expect(await until(() => processesOf(83) === 1)).toBe(true)
    const sandbox = await open(83)
    void callAction(sandbox, { action: 'bufferBomb' }).catch(() => {})
    expect((await sandbox.exited).error.message).toMatch(/more than its 83 MB of memory/)
  })

  it('is followed by another where it ends before a plugin comes', async () => {
    const { open } = warmDriver(84)
    expect(await until(() => processesOf(84) === 1)).toBe(true)
    const [lost] = pidsOf(84)
    process.kill(lost!, 'SIGKILL')
    expect(await until(() => processesOf(84) === 1 && pidsOf(84)[0] !== lost)).toBe(true)
    expect(await callAction(await open(84), { action: 'echo', input: 2 })).toBe(2)
  })

  it('is kept by a host whose plugins are ready, with what the operator lets them have, and ends with it', async () => {
    const bundled = [bundle('capped', pluginSource('acme.capped', { actions: {} }))]
    const { host } = await startHost({
      bundled,
      plugins: { limits: { memoryMb: 47 } },
      isolation: { warm: 1 },
    })
    expect(processesOf(47)).toBe(1)
    expect(await until(() => processesOf(47) === 2)).toBe(true)
    await host.stop?.()
    expect(await until(() => processesOf(47) === 0)).toBe(true)
  })
})
