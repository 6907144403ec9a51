import { AppError, PluginError, silentLogger, systemClock } from '@covent/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Guarantees, IsolationDriver, SandboxSpec } from '../src/drivers/isolation-driver.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { isolation, type Trust } from '../src/host/isolation.ts'
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
  memory: 'rlimit',
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
  const levels = isolation({ process, weak, allowWeak, logger: silentLogger })
  try {
    const { sandbox, level } = await levels.open(trust, spec)
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

describe.runIf(process.getuid?.() === 0)('where the system does not start the process', () => {
  it('says so, and does not take it for a fault of the plugin', async () => {
    const nobody = weakProcessDriver({ uid: -1 }, systemClock)
    await expect(nobody.spawn(spec)).rejects.toMatchObject({
      code: 'plugin.crashed',
      message: expect.stringMatching(/^the sandbox does not start: E/) as string,
    })
  })
})
