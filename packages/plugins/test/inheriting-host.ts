import { systemClock } from '@covent/core'
import { processDriver } from '../src/drivers/process.ts'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'
import { hostilePlugin } from './hostile-plugin.ts'

const open = process.argv[2] === 'weak' ? weakProcessDriver : processDriver
const sandbox = await openPlugin(open({ uid: 60_977 }, systemClock), hostilePlugin)
console.log(`found: ${JSON.stringify(await callAction(sandbox, { action: 'descriptors' }))}`)
await endSandbox(sandbox)
