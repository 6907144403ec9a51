import { AppError, PluginError, silentLogger } from '@covent/core'
import type { CallOptions, IsolationDriver, Sandbox, SandboxSpec } from '../drivers/isolation-driver.ts'
import type { Runner } from '../testing.ts'
import { plainPlugin } from './plain-plugin.ts'

export interface DriverSuiteOptions {
  open(): IsolationDriver
  /** What this driver cannot hold, and is therefore not tried with. */
  readonly without?: readonly ('loops' | 'exits' | 'usage')[]
}

type Wanted = Partial<Omit<CallOptions, 'context'>> & { readonly input?: unknown }

const context = { callId: 'call', turnId: 'turn', principalId: 'someone', character: 'nobody' }
const over = new PluginError('plugin.unavailable', 'the test is over')
const inFlightCap = 64

const call = (sandbox: Sandbox, action: string, { input = {}, ...options }: Wanted = {}): Promise<unknown> =>
  sandbox.call(action, input, {
    context,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...options,
  })

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => (AppError.is(error) ? error.code : String(error)),
  )

/** A host that knows one key. */
const spec: SandboxSpec = {
  name: 'plain',
  memoryMb: 64,
  permissionModel: 'on',
  logger: silentLogger,
  broker: ({ call: { callId }, n, method, params }) =>
    (params as { readonly key?: unknown }).key === 'known'
      ? Promise.resolve(`${method} ${n} for ${callId}`)
      : Promise.reject(new PluginError('plugin.permission-denied', 'that key is nobody’s')),
}

/** What the host may rely on whatever driver it has; what each of them holds is the business of `isolationSuite`. */
export const driverSuite = (runner: Runner, name: string, options: DriverSuiteOptions): void => {
  const { describe, it, beforeAll, afterAll, expect } = runner
  const has = (what: 'loops' | 'exits' | 'usage'): boolean => options.without?.includes(what) !== true
  const begun: Sandbox[] = []
  const spawn = async (): Promise<Sandbox> => {
    const sandbox = await options.open().spawn(spec)
    begun.push(sandbox)
    return sandbox
  }
  const open = async (): Promise<Sandbox> => {
    const sandbox = await spawn()
    await sandbox.load(plainPlugin, 10_000)
    sandbox.start('acme.plain', ['data:database'])
    return sandbox
  }
  const serving = (): void => {
    let sandbox: Sandbox
    beforeAll(async () => {
      sandbox = await open()
    })
    it('answers calls, several at once', async () => {
      const answers = [1, 2, 3].map((input) => call(sandbox, 'echo', { input }))
      expect((await Promise.all(answers)).join()).toBe('1,2,3')
    })
    it('carries a megabyte, and nothing larger', async () => {
      const large = 'x'.repeat(1_000_000)
      expect((await call(sandbox, 'echo', { input: large })) === large).toBe(true)
      expect(await codeOf(call(sandbox, 'echo', { input: large + large }))).toBe('plugin.input-invalid')
    })
    it('tells progress in its order', async () => {
      const told: string[] = []
      const onProgress = (text: string): void => void told.push(text)
      expect(await call(sandbox, 'tell', { input: ['a', 'b', 'c'], onProgress })).toBe(3)
      expect(told.join()).toBe('a,b,c')
    })
    it('hands requests to the broker with the call on whose behalf they are, and refusals back', async () => {
      expect(await call(sandbox, 'ask', { input: 'known' })).toBe('kv.get 0 for call')
      expect(await codeOf(call(sandbox, 'ask', { input: 'other' }))).toBe('plugin.permission-denied')
    })
    it('refuses more calls in flight than it has room for', async () => {
      const slow = Array.from({ length: inFlightCap }, () => call(sandbox, 'slow', { input: 300 }))
      expect(await codeOf(call(sandbox, 'echo'))).toBe('plugin.overloaded')
      expect(new Set(await Promise.all(slow)).size).toBe(1)
    })
    it('gives a slow call up at its deadline, passes an abort on, and lives', async () => {
      expect(await codeOf(call(sandbox, 'slow', { input: 600, timeoutMs: 200 }))).toBe('plugin.timeout')
      const caller = new AbortController()
      const aborted = codeOf(call(sandbox, 'patient', { signal: caller.signal }))
      caller.abort(new PluginError('plugin.unavailable', 'enough'))
      expect(await aborted).toBe('plugin.unavailable')
      expect(await call(sandbox, 'echo', { input: 'alive' })).toBe('alive')
    })
    it('answers heartbeats', async () => {
      sandbox.heartbeat()
      await call(sandbox, 'echo')
      expect(sandbox.heartbeat()).toBe(true)
    })
    if (has('usage'))
      it('tells what it uses', async () => {
        const used = await sandbox.usage()
        expect((used?.rssBytes ?? 0) > 1_000_000).toBe(true)
      })
  }
  const ending = (): void => {
    it('fails what is in flight with the reason of its kill, and what comes after', async () => {
      const sandbox = await open()
      const lost = codeOf(call(sandbox, 'slow', { input: 5_000 }))
      sandbox.kill(new PluginError('plugin.quarantined', 'it was killed'))
      expect(await lost).toBe('plugin.quarantined')
      expect((await sandbox.exited).error.code).toBe('plugin.quarantined')
      expect(await codeOf(call(sandbox, 'echo'))).toBe('plugin.quarantined')
    })
    it('lets what is in flight end when it is stopped', async () => {
      const sandbox = await open()
      const answer = call(sandbox, 'patient')
      await call(sandbox, 'echo')
      await sandbox.stop(5_000)
      expect(await answer).toBe('aborted')
    })
    it('rejects source that is none', async () => {
      expect(await codeOf((await spawn()).load('export default 1', 10_000))).toBe('plugin.invalid')
    })
    if (has('loops'))
      it('kills at its deadline what does not give way', async () => {
        const sandbox = await open()
        expect(await codeOf(call(sandbox, 'loop', { timeoutMs: 300 }))).toBe('plugin.timeout')
        expect((await sandbox.exited).error.code).toBe('plugin.timeout')
      })
    if (has('exits'))
      it('fails the call of a plugin that exits in the middle of it', async () => {
        const sandbox = await open()
        expect(await codeOf(call(sandbox, 'exit'))).toBe('plugin.crashed')
        expect((await sandbox.exited).code).toBe(0)
      })
  }
  describe(name, () => {
    describe('while it runs', serving)
    describe('at its end', ending)
    afterAll(async () => {
      for (const sandbox of begun) sandbox.kill(over)
      await Promise.all(begun.map(({ exited }) => exited))
    })
  })
}
