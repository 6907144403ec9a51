import { systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processDriver } from '../src/drivers/process.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { isolationSuite, type Runner } from '../src/testing.ts'

const runner: Runner = { describe, it, beforeAll, afterAll, expect }
const settings = { uid: 60_977 }
const isRoot = process.getuid?.() === 0

describeWith('bubblewrap', 'the process sandbox', () => {
  isolationSuite(runner, 'as plugins run in it', { open: () => processDriver(settings, systemClock) })

  // Node's own refusals are off, and so is what only they refuse; none of it leads out of the sandbox.
  isolationSuite(runner, 'with the kernel layer alone', {
    open: () => processDriver(settings, systemClock),
    permissionModel: 'off',
    except: ['H13', 'H14', 'H15', 'H17', 'H20', 'H21'],
  })

  it('is seen by its probe to be held by the kernel', async () => {
    const driver = processDriver({ ...settings, controlGroups: 'off' }, systemClock)
    expect(await driver.probe()).toEqual({
      fs: 'kernel',
      net: 'kernel',
      env: 'kernel',
      signals: 'kernel',
      native: 'kernel',
      disk: 'kernel',
      memory: 'watchdog',
      pids: 'rlimit',
      cpu: 'watchdog',
    })
  })
})

// Without another uid a plugin can signal the server, which is why that one runs with --disable-sigusr1.
isolationSuite(runner, 'the weak process sandbox', {
  open: () => weakProcessDriver(settings, systemClock),
  except: isRoot ? [] : ['H22', 'H23'],
})
