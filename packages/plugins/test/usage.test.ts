import { systemClock } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { processDriver } from '../src/drivers/process.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hostilePlugin } from './hostile-plugin.ts'

describeWith('bubblewrap', 'what a sandbox uses', () => {
  it('is told for all its processes, grows with its work, and is nothing when it has ended', async () => {
    const sandbox = await openPlugin(processDriver({ uid: 60_977 }, systemClock), hostilePlugin)
    const idle = await sandbox.usage()
    expect(idle!.rssBytes).toBeGreaterThan(20_000_000)
    const busy = callAction(sandbox, { action: 'hog', timeoutMs: 600 }).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect((await sandbox.usage())!.cpuMs).toBeGreaterThan(idle!.cpuMs)
    await busy
    await endSandbox(sandbox)
    expect(await sandbox.usage()).toEqual({ rssBytes: 0, cpuMs: 0 })
  })
})
