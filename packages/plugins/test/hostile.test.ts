import { systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { processDriver } from '../src/drivers/process.ts'
import { callAction, openPlugin } from '../src/testing.ts'
import { containment } from './containment.ts'
import { hostilePlugin } from './hostile-plugin.ts'

describeWith('bubblewrap', 'a hostile plugin in the process sandbox', () => {
  const driver = processDriver({ uid: 60_977 }, systemClock)
  containment('contains it', driver)

  it('is throttled and then killed when it floods the host with messages', async () => {
    const sandbox = await openPlugin(driver, hostilePlugin)
    const busy = process.cpuUsage()
    const error: unknown = await callAction(sandbox, { action: 'logFlood', timeoutMs: 20_000 }).catch(
      (e: unknown) => e,
    )
    expect(['plugin.protocol', 'plugin.crashed']).toContain((error as { code: string }).code)
    expect(process.cpuUsage(busy).user).toBeLessThan(3_000_000)
  })
})
