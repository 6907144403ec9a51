import { AuditLog, Clock, HealthRegistry, KeyRing, Lifecycle, Metrics } from '@covent/core'
import { ContainerModule } from 'inversify'
import type { AuditConfig } from './config.ts'
import { chainedFileAuditLog } from './drivers/chained-file.ts'

export interface AuditModuleOptions extends AuditConfig {
  readonly home: string
}

/** Binds `AuditLog` to the chained files of the home. */
export const auditModule = (options: AuditModuleOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(AuditLog).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (ring, clock, metrics, health, lifecycle) => {
        const audit = chainedFileAuditLog({ ...options, ring, clock, metrics })
        health.add({ name: 'audit', critical: false, check: audit.health })
        return lifecycle.add(audit)
      },
      [KeyRing, Clock, Metrics, HealthRegistry, Lifecycle],
    )
  })
