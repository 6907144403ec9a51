import { AppError, PluginError, silentLogger, systemClock } from '@covent/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Guarantees, IsolationDriver, SandboxSpec } from '../src/drivers/isolation-driver.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { isolationConfig } from '../src/config.ts'
import { isolation } from '../src/host/isolation/isolation.ts'
import { levelDrivers } from '../src/host/isolation/level-drivers.ts'
import { type Applicant, levelsFor, type Trust } from '../src/host/isolation/isolation-policy.ts'
import { endSandbox } from '../src/testing.ts'

const weak = weakProcessDriver({ uid: 60_977 }, systemClock)
const missing = new PluginError('plugin.isolation-unavailable', 'bubblewrap is missing')
/** The driver of a machine without bubblewrap. */
const absent: IsolationDriver = {
  id: 'process',
  probe: () => Promise.reject(missing),
  spawn: () => Promise.reject(missing),
}
const held: Guarantees = {
  fs: 'kernel',
  net: 'kernel',
  env: 'kernel',
  signals: 'kernel',
  native: 'kernel',
  disk: 'kernel',
  memory: 'watchdog',
  cpu: 'none',
  pids: 'rlimit',
}
/** The driver of a machine whose kernel lets files through, so that only Node stands before them. */
const leaking: IsolationDriver = {
  id: 'process',
  probe: () => Promise.resolve({ ...held, fs: 'runtime' }),
  spawn: (spec) => weak.spawn(spec),
}
const spec: SandboxSpec = {
  name: 'x',
  memoryMb: 64,
  permissionModel: 'on',
  logger: silentLogger,
  broker: () => Promise.reject(missing),
}

const outcome = async (process: IsolationDriver, allowWeak: boolean, trust: Trust): Promise<string> => {
  const drivers = {
    ...levelDrivers(isolationConfig.parse({ container: { socket: '/nowhere' } }), systemClock),
    process,
    'process-weak': weak,
  }
  const settings = isolationConfig.parse({ allowWeak })
  const levels = isolation({ drivers, settings, logger: silentLogger })
  try {
    const { sandbox, level } = await levels.open({ trust }, spec)
    onTestFinished(() => endSandbox(sandbox))
    return level
  } catch (error) {
    return AppError.is(error) ? `${error.code}: ${error.message}` : String(error)
  }
}

describe('where the kernel layer does not hold', () => {
  it.each([
    ['bubblewrap is missing', absent],
    ['the probe broke out: fs runtime', leaking],
  ])('refuses strangers with the way out, because %s', async (why, driver) => {
    const refusal = await outcome(driver, false, 'unverified')
    expect(refusal).toMatch(/^plugin\.isolation-unavailable: /)
    expect(refusal).toContain(why)
    expect(refusal).toContain('apt-get install bubblewrap')
    expect(refusal).toContain('isolation.allowWeak')
  })

  it('runs bundled plugins in the weak sandbox, and strangers too where the operator says so', async () => {
    expect(await outcome(absent, false, 'first-party')).toBe('process-weak')
    expect(await outcome(absent, true, 'unverified')).toBe('process-weak')
  })
})

describe('the levels at which a plugin may run', () => {
  const stranger: Applicant = { trust: 'unverified', id: 'acme.thing', asked: 'process' }
  const own: Applicant = { trust: 'first-party', id: 'covent.clock', asked: 'process' }
  const from = (plugin: Applicant, settings: object): string =>
    levelsFor(plugin, isolationConfig.parse(settings)).join()

  it('are a process or more for a stranger, whatever its manifest asks for', () => {
    expect(from(stranger, {})).toBe('process,container,vm')
    expect(from({ ...stranger, asked: 'worker' }, {})).toBe('process,container,vm')
    expect(from({ ...stranger, asked: 'container' }, {})).toBe('container,vm')
    expect(from({ ...stranger, asked: 'vm' }, { allowWeak: true })).toBe('vm')
  })

  it('are raised by the operator, by trust and by plugin, and never lowered', () => {
    expect(from(stranger, { least: { unverified: 'container' } })).toBe('container,vm')
    expect(from(stranger, { least: { signed: 'container' } })).toBe('process,container,vm')
    expect(from(stranger, { plugins: { 'acme.thing': 'vm' } })).toBe('vm')
    expect(from({ ...stranger, asked: 'vm' }, { plugins: { 'acme.thing': 'process' } })).toBe('vm')
    expect(from({ ...own, asked: 'worker' }, { least: { firstParty: 'process' } })).toBe(
      'process,container,vm',
    )
  })

  it('are weak only where nobody asked for more', () => {
    expect(from(stranger, { allowWeak: true })).toBe('process,container,vm,process-weak')
    expect(from({ ...stranger, asked: 'container' }, { allowWeak: true })).toBe('container,vm')
    expect(from(stranger, { allowWeak: true, plugins: { 'acme.thing': 'process' } })).toBe(
      'process,container,vm',
    )
    expect(from(own, {})).toBe('process,process-weak,container,vm')
  })

  it('are a thread for a plugin of the server that asks for it, and its own process for one that is named', () => {
    expect(from({ ...own, asked: 'worker' }, {})).toBe('worker')
    expect(from(own, { inline: ['covent.clock'] })).toBe('inline')
    expect(() => from(stranger, { inline: ['acme.thing'] })).toThrow('take it out of there')
  })
})

describe.runIf(process.getuid?.() === 0)('where the system does not start the process', () => {
  it('says so, and does not take it for a fault of the plugin', async () => {
    const nobody = weakProcessDriver({ uid: -1 }, systemClock)
    await expect(nobody.spawn(spec)).rejects.toMatchObject({
      code: 'plugin.crashed',
      message: expect.stringMatching(/^the sandbox does not start: E/) as string,
    })
  })
})
