import { systemClock } from '@covent/core'
import { processDriver } from '../src/drivers/process.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { callAction, openPlugin } from '../src/testing.ts'
import { hostilePlugin } from './hostile-plugin.ts'
import { processesOf, until } from './living-processes.ts'

const [kind, memoryMb] = [process.argv[2], Number(process.argv[3])]
const open = kind === 'weak' ? weakProcessDriver : processDriver
const driver = open({ uid: 60_977, warm: 1 }, systemClock)
if (kind === 'warm') {
  driver.keepWarm!({ memoryMb })
  await until(() => processesOf(memoryMb) > 0)
  setInterval(() => {}, 60_000)
} else {
  const sandbox = await openPlugin(driver, hostilePlugin, { memoryMb })
  void callAction(sandbox, { action: 'hog', timeoutMs: 60_000 })
}
console.log('looping')
