import { systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import type { IsolationDriver } from '../src/drivers/isolation-driver.ts'
import { processDriver } from '../src/drivers/process.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hasForeignFunctions, nativePlugin, x64Calls } from './native-plugin.ts'

const notPermitted = 'errno 1'
const noSuchCall = 'errno 38'

const attempt = async (driver: IsolationDriver, calls: object): Promise<unknown> => {
  const sandbox = await openPlugin(driver, nativePlugin, { permissionModel: 'off' })
  try {
    return await callAction(sandbox, { action: 'call', input: calls })
  } finally {
    await endSandbox(sandbox)
  }
}

const settings = { uid: 60_977 }
describe.runIf(hasForeignFunctions)('native code in a plugin', () => {
  it('opens sockets and namespaces where no kernel layer stands in the way', async () => {
    const { inet, netlink } = x64Calls
    const outcome = await attempt(weakProcessDriver(settings, systemClock), { inet, netlink })
    expect(outcome).toEqual({ inet: 'done', netlink: 'done' })
  })

  describeWith('bubblewrap', 'in the process sandbox', () => {
    it('gets no system call that leads out', async () => {
      const refused = Object.fromEntries(Object.keys(x64Calls).map((name) => [name, notPermitted]))
      const outcome = await attempt(processDriver(settings, systemClock), x64Calls)
      expect({ ...(outcome as object) }).toEqual({ ...refused, ioUring: noSuchCall })
    })
  })
})
