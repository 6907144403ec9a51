import { systemClock } from '@covent/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { workerDriver } from '../src/drivers/in-host/worker.ts'
import type { IsolationDriver, Sandbox } from '../src/drivers/isolation-driver.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hostileHost } from './hostile/hostile-host.ts'
import { hostilePlugin } from './hostile-plugin.ts'

const openIn = async (driver: IsolationDriver): Promise<Sandbox> => {
  const sandbox = await openPlugin(driver, hostilePlugin)
  onTestFinished(() => endSandbox(sandbox))
  return sandbox
}

const failure = async (sandbox: Sandbox, action: string, timeoutMs: number): Promise<string | undefined> => {
  const error: unknown = await callAction(sandbox, { action, timeoutMs, input: 400 }).catch((e: unknown) => e)
  return (error as { readonly code?: string }).code
}

describe('a plugin in a worker thread', () => {
  const driver = workerDriver(systemClock)

  it('answers calls, several plugins side by side', async () => {
    const sandboxes = [await openIn(driver), await openIn(driver)]
    const answers = sandboxes.map((sandbox, input) => callAction(sandbox, { action: 'echo', input }))
    expect(await Promise.all(answers)).toEqual([0, 1])
  })

  it('is cancelled at its deadline, and lives', async () => {
    const sandbox = await openIn(driver)
    expect(await failure(sandbox, 'stubborn', 200)).toBe('plugin.timeout')
    expect(await callAction(sandbox, { action: 'echo', input: 2, timeoutMs: 20_000 })).toBe(2)
  })

  it('ends when it is told to, and answers no more', async () => {
    const sandbox = await openIn(driver)
    await sandbox.stop(1_000)
    expect(await failure(sandbox, 'echo', 1_000)).toMatch(/^plugin\.(crashed|unavailable)$/)
  })

  // A heap that grows fast enough ends the whole process whatever `resourceLimits` say, so that is not tried here.
  it('contains loops and crashes', async () => {
    expect(await failure(await openIn(driver), 'hog', 300)).toBe('plugin.timeout')
    expect(await failure(await openIn(driver), 'timerThrow', 2_000)).toBe('plugin.crashed')
    expect(await failure(await openIn(driver), 'exit', 2_000)).toBe('plugin.crashed')
  })

  it('is seen by its probe to be no security boundary', async () => {
    expect(await driver.probe()).toMatchObject({ fs: 'none', net: 'none', disk: 'none', memory: 'heap' })
  })
})

describe('a plugin in the host’s own process', () => {
  it('is answered and ended like any other, and held by nothing', async () => {
    const host = await hostileHost('inline')
    onTestFinished(() => host.kill())
    expect(await host.run('H01')).toMatchObject({ outcome: 'broken' })
    expect(await host.run('H40')).toMatchObject({ outcome: 'killed' })
    expect(host.ended()).toBeUndefined()
  })
})
