import { type Logger, silentLogger } from '@covent/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { IsolationDriver, Sandbox, SandboxSpec } from '../src/drivers/isolation-driver.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hostilePlugin, loopingPlugin } from './hostile-plugin.ts'

type FailureArguments = [sandbox: Sandbox, action: string, timeoutMs?: number, input?: unknown]

const killGroup = async ({ pid }: Sandbox): Promise<void> => void process.kill(-pid!, 'SIGKILL')

/** What every driver must contain; `killOutside` ends a sandbox behind its host's back. */
export const containment = (name: string, driver: IsolationDriver, killOutside = killGroup): void => {
  const open = async (spec: Partial<SandboxSpec> = {}): Promise<Sandbox> => {
    const sandbox = await openPlugin(driver, hostilePlugin, spec)
    onTestFinished(() => endSandbox(sandbox))
    return sandbox
  }
  const failure = async (...[sandbox, action, timeoutMs = 5_000, input = {}]: FailureArguments) => {
    const error = await callAction(sandbox, { action, input, timeoutMs }).catch((e: unknown) => e)
    return (error as { readonly code?: string }).code
  }

  describe(name, () => {
    it.each([
      'prototype',
      'hugeFrame',
      'hugeArray',
      'deep',
      'extension',
      'unknownKind',
      'strangeReply',
      'strangeRequest',
      'strangePong',
      'greetAgain',
    ])('kills a plugin that breaks the protocol: %s', async (action) => {
      const sandbox = await open()
      // The breach may be read together with the honest answer of the same call, or after it.
      await callAction(sandbox, { action }).catch(() => {})
      const { error } = await sandbox.exited
      expect(error.code).toBe('plugin.protocol')
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    })

    it('kills a plugin that answers a call twice', async () => {
      const sandbox = await open()
      await callAction(sandbox, { action: 'doubleReply', input: 0 })
      expect((await sandbox.exited).error.code).toBe('plugin.protocol')
    })

    it('kills a plugin that leaves a frame unfinished, at the deadline of its call', async () => {
      expect(await failure(await open(), 'truncated', 400)).toBe('plugin.timeout')
    })

    it('kills a plugin that loops, at the deadline of its call', async () => {
      const sandbox = await open()
      const startedAt = performance.now()
      expect(await failure(sandbox, 'hog', 300)).toBe('plugin.timeout')
      expect(performance.now() - startedAt).toBeLessThan(1_500)
      expect((await sandbox.exited).signal).toBe('SIGKILL')
    })

    it('kills a plugin that loops while it is loaded', async () => {
      const spec = { name: 'x', memoryMb: 64, permissionModel: 'on', logger: silentLogger } as const
      const sandbox = await driver.spawn({ ...spec, broker: () => Promise.resolve() })
      await expect(sandbox.load(loopingPlugin, 500)).rejects.toMatchObject({ code: 'plugin.timeout' })
      expect((await sandbox.exited).signal).toBe('SIGKILL')
    })

    it('cancels a call that is merely slow, and lets the plugin live', async () => {
      const sandbox = await open()
      expect(await failure(sandbox, 'sleep', 400, 5_000)).toBe('plugin.timeout')
      expect(await callAction(sandbox, { action: 'echo', input: 1 })).toBe(1)
      expect(await failure(sandbox, 'stubborn', 100, 300)).toBe('plugin.timeout')
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(await callAction(sandbox, { action: 'echo', input: 2 })).toBe(2)
    })

    it('fails the call of a plugin that exits with 0 in the middle of it', async () => {
      expect(await failure(await open(), 'exit')).toBe('plugin.crashed')
    })

    it('ends a plugin that closes its channel', async () => {
      const sandbox = await open()
      expect(['plugin.crashed', 'plugin.timeout']).toContain(await failure(sandbox, 'closeChannel', 1_000))
      await sandbox.exited
    })

    it('lets a plugin swallow its own errors, and harm nobody', async () => {
      const sandbox = await open()
      expect(await callAction(sandbox, { action: 'swallow' })).toBe('alive')
      expect(await callAction(sandbox, { action: 'echo', input: 1 })).toBe(1)
    })

    it('ends a plugin that fills its heap', async () => {
      expect(await failure(await open({ memoryMb: 32 }), 'heapBomb', 8_000)).toBe('plugin.crashed')
    })

    it('lets a plugin have no more buffers than its limit', async () => {
      const sandbox = await open({ memoryMb: 32 })
      expect(['plugin.crashed', 'plugin.action-failed']).toContain(
        await failure(sandbox, 'bufferBomb', 8_000),
      )
    })

    it('makes a plugin that floods its output wait until its deadline', async () => {
      let lines = 0
      const logger: Logger = { ...silentLogger, info: () => void lines++ }
      expect(await failure(await open({ logger }), 'printFlood', 500)).toBe('plugin.timeout')
      expect(lines).toBeLessThan(200)
    })

    it('shows control characters of its output instead of obeying them', async () => {
      const { promise, resolve } = Promise.withResolvers<unknown>()
      const logger: Logger = { ...silentLogger, info: (_, fields) => resolve(fields?.['text']) }
      await callAction(await open({ logger }), { action: 'escapeCodes' })
      expect(await promise).toBe('\\u001b[31mred\\u001b[0m')
    })

    it('leaves files of the plugin inside its own small table', async () => {
      expect(await callAction(await open(), { action: 'files' })).toBe('EMFILE')
    })

    it('refuses an output that is too large or no JSON, and lets the plugin live', async () => {
      const sandbox = await open()
      expect(await failure(sandbox, 'big', 5_000, 1_100_000)).toBe('plugin.output-invalid')
      expect(await failure(sandbox, 'date')).toBe('plugin.output-invalid')
      expect(await callAction(sandbox, { action: 'big', input: 1_000_000 })).toHaveLength(1_000_000)
    })

    it('refuses the 65th call in flight', async () => {
      const sandbox = await open()
      const calls = Array.from({ length: 64 }, () => callAction(sandbox, { action: 'sleep', input: 200 }))
      expect(await failure(sandbox, 'echo')).toBe('plugin.overloaded')
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['woke']))
      expect(await callAction(sandbox, { action: 'echo', input: 1 })).toBe(1)
    })

    it('fails what is in flight when the process is killed from outside, and what comes after', async () => {
      const sandbox = await open()
      const call = failure(sandbox, 'sleep', 5_000, 5_000)
      await killOutside(sandbox)
      expect(await call).toBe('plugin.crashed')
      expect(await failure(sandbox, 'echo')).toBe('plugin.crashed')
    })

    it('ends an obedient plugin at once, and a stubborn one when its time is up', async () => {
      const obedient = await open()
      const busy = callAction(obedient, { action: 'sleep', input: 5_000 })
      await callAction(obedient, { action: 'echo' })
      await obedient.stop(5_000)
      expect(await busy).toBe('aborted')
      const stubborn = await open()
      const lost = failure(stubborn, 'stubborn', 5_000, 5_000)
      await callAction(stubborn, { action: 'echo' })
      await stubborn.stop(200)
      expect(await lost).toBe('plugin.unavailable')
    })

    it('passes the abort of the caller on to the plugin', async () => {
      const sandbox = await open()
      const caller = new AbortController()
      const context = { callId: 'c', turnId: 't', principalId: 'p', character: 'x' }
      const call = sandbox.call('sleep', 5_000, { context, timeoutMs: 9_000, signal: caller.signal })
      caller.abort(new Error('enough'))
      await expect(call).rejects.toThrow('enough')
      expect(await callAction(sandbox, { action: 'echo', input: 1 })).toBe(1)
    })
  })
}
