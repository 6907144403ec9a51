import { systemClock } from '@covent/core'
import { memoryAuditLog } from '@covent/audit'
import { auditLogSuite } from '@covent/audit/testing'
import { temporaryFolder } from '@covent/testing'
import { describe, it } from 'vitest'
import { openLog } from './support/chained.ts'

auditLogSuite({ describe, it }, 'memory', async () => ({
  audit: memoryAuditLog({ clock: systemClock }),
  close: async () => {},
}))

auditLogSuite({ describe, it }, 'chained file', async () => {
  const audit = await openLog(temporaryFolder())
  return { audit, close: () => audit.stop() }
})
