import { systemClock } from '@covent/core'
import { memoryAuditLog } from '@covent/audit'
import { auditLogSuite } from '@covent/audit/testing'
import { describe, it } from 'vitest'

auditLogSuite({ describe, it }, 'memory', async () => ({
  audit: memoryAuditLog({ clock: systemClock }),
  close: async () => {},
}))
