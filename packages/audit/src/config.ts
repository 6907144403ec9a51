import * as z from 'zod'

/** Settings under `audit`. */
export const auditConfig = z.strictObject({
  /** What the audit may take of the disk; the oldest records go first. */
  maxBytes: z.int().min(16_777_216).max(1_099_511_627_776).default(1_073_741_824),
})
export type AuditConfig = z.output<typeof auditConfig>
