import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@covent/core'
import { describeWith, temporaryFolder } from '@covent/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { processTree } from '../src/channel/ends/process-usage.ts'
import { controlGroups } from '../src/drivers/limits/control-groups.ts'
import type { Sandbox, SandboxSpec } from '../src/drivers/isolation-driver.ts'
import { processDriver } from '../src/drivers/process.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hostilePlugin } from './hostile-plugin.ts'

const write = (mount: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(mount, name, '..'), { recursive: true })
    writeFileSync(join(mount, name), text)
  }
}
const limits = { memoryBytes: 100, cpuPercent: 25, processes: 48 }

/** A folder that looks like the kernel's, to see what is written there; nothing is held by it. */
describe('control groups', () => {
  const ownFile = (text: string): string => {
    const path = join(temporaryFolder(), 'cgroup')
    writeFileSync(path, text)
    return path
  }
  const groupIn = (folder: string): string =>
    join(
      folder,
      readdirSync(folder).find((name) => name.startsWith('covent-') && name !== 'covent-server')!,
    )

  it('of version 2 get a folder for all limits, on top of what is used, once the server has left the way', () => {
    const mount = temporaryFolder()
    const base = join(mount, 'unit')
    write(mount, { 'unit/cgroup.controllers': 'cpu io memory pids\n', 'unit/cgroup.subtree_control': '\n' })
    const group = controlGroups({ own: ownFile('0::/unit\n'), mount })!.open()
    expect(readFileSync(join(base, 'covent-server', 'cgroup.procs'), 'utf8')).toBe(String(process.pid))
    expect(readFileSync(join(base, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +cpu +pids')
    const folder = groupIn(base)
    write(folder, { 'memory.current': '1000\n', 'memory.swap.max': 'max\n', 'memory.events': 'oom_kill 0\n' })
    group.add(77)
    group.limit(limits)
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    expect(['cgroup.procs', 'memory.max', 'memory.swap.max', 'cpu.max', 'pids.max'].map(read)).toEqual([
      '77',
      '1100',
      '0',
      '25000 100000',
      '48',
    ])
    expect(group.isOutOfMemory()).toBe(false)
    write(folder, { 'memory.events': 'low 0\noom 1\noom_kill 1\n' })
    expect(group.isOutOfMemory()).toBe(true)
  })

  it('of version 1 get a folder for each controller that this server may use', () => {
    const mount = temporaryFolder()
    write(mount, { 'memory/a/x': '', 'cpu/x': '' })
    const found = controlGroups({ own: ownFile('5:memory:/a\n4:cpu,cpuacct:/\n3:pids:/\n0::/\n'), mount })!
    expect([...found.controllers]).toEqual(['memory', 'cpu'])
    const group = found.open()
    const memory = groupIn(join(mount, 'memory', 'a'))
    const cpu = groupIn(join(mount, 'cpu'))
    write(memory, { 'memory.usage_in_bytes': '5\n', 'memory.memsw.limit_in_bytes': 'x' })
    group.limit(limits)
    expect(readFileSync(join(memory, 'memory.limit_in_bytes'), 'utf8')).toBe('105')
    expect(readFileSync(join(memory, 'memory.memsw.limit_in_bytes'), 'utf8')).toBe('105')
    expect(readFileSync(join(cpu, 'cpu.cfs_quota_us'), 'utf8')).toBe('25000')
  })

  it('that killed servers left are removed, and a machine without any has none', () => {
    const mount = temporaryFolder()
    const stale = 'memory/covent-4194999-aa'
    mkdirSync(join(mount, stale), { recursive: true })
    controlGroups({ own: ownFile('5:memory:/\n'), mount })
    expect(readdirSync(join(mount, 'memory'))).toEqual([])
    expect(controlGroups({ own: ownFile(''), mount })).toBeUndefined()
    expect(controlGroups({ own: join(mount, 'nowhere'), mount })).toBeUndefined()
  })
})

const memoryWords = /used more than its 32 MB of memory/

/** The same limits, held by the kernel and by looking. */
const holdsLimits = (how: 'auto' | 'off'): void => {
  const driver = processDriver({ uid: 60_977, controlGroups: how }, systemClock)
  const opened: Sandbox[] = []
  const open = async (spec: Partial<SandboxSpec>): Promise<Sandbox> => {
    const sandbox = await openPlugin(driver, hostilePlugin, spec)
    opened.push(sandbox)
    return sandbox
  }
  afterEach(async () => void (await Promise.all(opened.splice(0).map(endSandbox))))

  it('ends a plugin that fills memory outside its heap, says so, and does not grow itself', async () => {
    const fill = async (): Promise<string> => {
      const sandbox = await open({ memoryMb: 32 })
      void callAction(sandbox, { action: 'bufferBomb' }).catch(() => {})
      return (await sandbox.exited).error.message
    }
    expect(await fill()).toMatch(memoryWords)
    const before = process.memoryUsage.rss() // what a first time loads and compiles is not the plugin's doing
    expect(await fill()).toMatch(memoryWords)
    expect(process.memoryUsage.rss() - before).toBeLessThan(16 * 1_048_576)
  })

  it('gives a plugin its share of a processor and no more', async () => {
    const sandbox = await open({ cpuPercent: 20 })
    const before = (await sandbox.usage())!.cpuMs
    void callAction(sandbox, { action: 'hog', timeoutMs: 20_000 }).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect((await sandbox.usage())!.cpuMs - before).toBeLessThan(1_000)
  })
}

describeWith('bubblewrap', 'a process sandbox without control groups', () => {
  holdsLimits('off')

  it('may have as many files open as its manifest asks for, and is called as often', async () => {
    const driver = processDriver({ uid: 60_977, controlGroups: 'off' }, systemClock)
    const sandbox = await openPlugin(driver, hostilePlugin, { fileHandles: 32, callsPerSecond: 3 })
    const { pids } = processTree(sandbox.pid!)
    expect(readFileSync(`/proc/${pids.at(-1)}/limits`, 'utf8')).toMatch(/Max open files +32 +32 /)
    const calls = Array.from({ length: 20 }, () => callAction(sandbox, { action: 'echo', input: 1 }))
    const outcomes = await Promise.all(calls.map((call) => call.catch((e: { code: string }) => e.code)))
    expect(outcomes.slice(0, 3)).toEqual([1, 1, 1])
    expect(outcomes.at(-1)).toBe('plugin.overloaded')
    await endSandbox(sandbox)
  })
})

const kernelHolds = ['memory', 'cpu'].every((name) => controlGroups()?.controllers.has(name as 'cpu'))
const suite = 'a process sandbox in a control group'
if (kernelHolds) describeWith('bubblewrap', suite, () => holdsLimits('auto'))
else
  describe.skip(`NOT RUN: ${suite}: needs control groups that this user may write`, () => holdsLimits('auto'))
