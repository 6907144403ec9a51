import { AppError, PluginError, silentLogger } from '@covent/core'
import type { IsolationDriver, Sandbox, SandboxSpec } from './drivers/isolation-driver.ts'
import { type Bait, layBait } from './testing/bait.ts'
import { escapePlugin, escapes } from './testing/escapes.ts'

export { driverSuite, type DriverSuiteOptions } from './testing/driver-suite.ts'
export { testBench } from './testing/test-bench.ts'

/** The words of a test runner; vitest's and jest's fit. */
export interface Runner {
  describe(name: string, body: () => void): void
  it(name: string, body: () => Promise<void>): void
  beforeAll(work: () => Promise<void>): void
  afterAll(work: () => Promise<void>): void
  expect(value: unknown): { toBe(expected: unknown): void; toMatch(expected: RegExp): void }
}

export interface SuiteOptions {
  open(): IsolationDriver
  /** `off` shows what the driver holds without Node's permission model. */
  readonly permissionModel?: SandboxSpec['permissionModel']
  /** Escapes that this driver does not claim to hold, by the beginning of their names. */
  readonly except?: readonly string[]
}

const context = { callId: 'call', turnId: 'turn', principalId: 'someone', character: 'nobody' }

/** A sandbox of that driver that has no plugin yet, and in which nothing is granted. */
export const emptySandbox = (driver: IsolationDriver, spec: Partial<SandboxSpec> = {}): Promise<Sandbox> =>
  driver.spawn({
    name: 'plugin',
    memoryMb: 64,
    permissionModel: 'on',
    logger: silentLogger,
    broker: () => Promise.reject(new PluginError('plugin.permission-denied', 'nothing is granted here')),
    ...spec,
  })

/** Runs `plugin` in a sandbox of that driver, with nothing granted. */
export const openPlugin = async (
  driver: IsolationDriver,
  plugin: string,
  spec: Partial<SandboxSpec> = {},
): Promise<Sandbox> => {
  const sandbox = await emptySandbox(driver, spec)
  await sandbox.load(plugin, 10_000)
  sandbox.start('acme.plugin', [])
  return sandbox
}

/** Calls an action for nobody in particular. */
export const callAction = (
  sandbox: Sandbox,
  { action, input = {}, timeoutMs = 10_000 }: { action: string; input?: unknown; timeoutMs?: number },
): Promise<unknown> =>
  sandbox.call(action, input, { context, timeoutMs, signal: new AbortController().signal })

export const endSandbox = async (sandbox: Sandbox): Promise<void> => {
  sandbox.kill(new PluginError('plugin.unavailable', 'the test is over'))
  await sandbox.exited
}

const targetsOf = ({ file, folder, tcpPort, udpPort, socket, abstract, hostPid }: Bait): object => ({
  file,
  folder,
  tcpPort,
  udpPort,
  socket,
  abstract,
  hostPid,
})

/** Some refusals of Node come as an error that nobody catches: the plugin dies of it, and the host lives on. */
const crashed = (error: unknown): string => {
  if (AppError.is(error, 'plugin.crashed')) return 'held by its end'
  throw error
}

/** What every driver must hold: the same escapes are tried on each. */
export const isolationSuite = (runner: Runner, name: string, options: SuiteOptions): void => {
  const { describe, it, beforeAll, afterAll, expect } = runner
  const { open, permissionModel = 'on', except = [] } = options
  describe(name, () => {
    let bait: Bait
    let sandbox: Sandbox
    beforeAll(async () => {
      bait = await layBait()
      sandbox = await openPlugin(open(), escapePlugin, { permissionModel })
    })
    afterAll(async () => {
      await endSandbox(sandbox)
      await bait.close()
    })
    Object.keys(escapes).forEach((title, n) => {
      if (except.some((start) => title.startsWith(start))) return
      it(`refuses a plugin that ${title}`, async () => {
        const outcome = await callAction(sandbox, { action: `e${n}`, input: targetsOf(bait) }).catch(crashed)
        if (outcome === 'held by its end')
          sandbox = await openPlugin(open(), escapePlugin, { permissionModel })
        expect(outcome).toMatch(/^held/)
        expect(bait.hits()).toBe(0)
      })
    })
  })
}
