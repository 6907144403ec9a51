import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { PluginError, silentLogger, systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { processDriver } from '../src/drivers/process.ts'
import { processesOf, remainsOf, until } from './living-processes.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

/** A process that opens a sandbox of that driver with that heap size, and lets its plugin loop. */
const hostProcess = async (driver: string, memoryMb: number): Promise<ChildProcess> => {
  const script = new URL('looping-host.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=@covent/source', script, driver, String(memoryMb)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) if (line === 'looping') break
  return child
}

const diesWithItsHost = async (driver: string, memoryMb: number): Promise<boolean> => {
  const child = await hostProcess(driver, memoryMb)
  expect(processesOf(memoryMb)).toBeGreaterThan(0)
  child.kill('SIGKILL')
  return until(() => processesOf(memoryMb) === 0)
}

describeWith('bubblewrap', 'a looping plugin in the process sandbox', () => {
  it('dies with a host that is killed', async () => {
    expect(await diesWithItsHost('process', 71)).toBe(true)
  })

  it('gets the memory that it asks for, and is gone when the host has stopped', async () => {
    const source = pluginSource('acme.roomy', { more: 'limits: { memoryMb: 73 },', actions: {} })
    const { host } = await startHost({ bundled: [bundle('roomy', source)] })
    expect(processesOf(73)).toBeGreaterThan(0)
    await host.stop?.()
    expect(await until(() => processesOf(73) === 0)).toBe(true)
    expect(host.list()).toMatchObject([{ state: 'stopped' }])
  })

  it('leaves nothing behind, however soon after its start it is ended', async () => {
    const driver = processDriver({ uid: 60_977 }, systemClock)
    const broker = () => Promise.reject(new Error('nothing is loaded that could ask'))
    const spec = { name: 'early', memoryMb: 75, permissionModel: 'on', callsPerSecond: 1, broker } as const
    // Some of these sandboxes are half made when they are ended.
    for (let delayMs = 0; delayMs <= 30; delayMs++) {
      const sandbox = await driver.spawn({ ...spec, logger: silentLogger })
      await sleep(delayMs)
      sandbox.kill(new PluginError('plugin.unavailable', 'it is over'))
      await sandbox.exited
    }
    expect(await until(() => remainsOf(75) === 0)).toBe(true)
  })
})

describeWith('bubblewrap', 'a process that waits for a plugin', () => {
  it('dies with a host that is killed', async () => {
    expect(await diesWithItsHost('warm', 74)).toBe(true)
  })
})

describe.runIf(process.platform === 'linux')('a looping plugin in the weak sandbox', () => {
  it('dies with a host that is killed', async () => {
    expect(await diesWithItsHost('weak', 72)).toBe(true)
  })
})
