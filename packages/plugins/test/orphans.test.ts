import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describeWith } from '@covent/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle, pluginSource, startHost } from './start-host.ts'

/** Living processes that were started with this heap size, which stands for their name. */
const processesOf = (memoryMb: number): number => {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return '' // it ended meanwhile
      }
    })
  return commands.filter((command) => command.includes(`--max-old-space-size=${memoryMb}\0`)).length
}

const until = async (holds: () => boolean): Promise<boolean> => {
  for (let n = 0; n < 100 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 20))
  return holds()
}

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
})

describe.runIf(process.platform === 'linux')('a looping plugin in the weak sandbox', () => {
  it('dies with a host that is killed', async () => {
    expect(await diesWithItsHost('weak', 72)).toBe(true)
  })
})
