import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workerDriver } from '../src/drivers/in-host/worker.ts'
import { processDriver } from '../src/drivers/process.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { driverSuite, type Runner } from '../src/testing.ts'

const runner: Runner = { describe, it, beforeAll, afterAll, expect }
const settings = { uid: 60_977 }
const run = promisify(execFile)

describeWith('bubblewrap', 'the driver process', () => {
  const driver = processDriver(settings, systemClock)
  driverSuite(runner, 'serves', { open: () => driver })
})

describe('the driver process-weak', () => {
  const driver = weakProcessDriver(settings, systemClock)
  driverSuite(runner, 'serves', { open: () => driver })
})

describe('the driver worker', () => {
  const driver = workerDriver(systemClock)
  driverSuite(runner, 'serves', { open: () => driver, without: ['usage'] })
})

describe('the driver inline', () => {
  it('serves, but for what takes the host along', async () => {
    const script = fileURLToPath(new URL('inline-suite.ts', import.meta.url))
    const words = ['--conditions=@covent/source', '--test', '--test-reporter=tap', script]
    const { stdout } = await run(process.execPath, words)
    expect(stdout).toMatch(/# pass 10\n# fail 0/)
  })
})
