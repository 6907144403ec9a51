import { AuditLog, Clock } from '@covent/core'
import { ContainerModule } from 'inversify'
import { memoryAuditLog } from './drivers/memory.ts'

/** Binds `AuditLog` to the log in memory. */
export const auditModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(AuditLog).toResolvedValue((clock) => memoryAuditLog({ clock }), [Clock])
  })
