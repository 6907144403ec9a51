import { AppError, type AuditActor, type AuditEntry, type AuditLog, type Logger } from '@covent/core'

export interface Auditing {
  readonly audit: AuditLog
  /** Who asks for the change in hand. */
  actor(): AuditActor
}

/** Stands in the audit before it takes effect; where it cannot, it takes none. */
export const note = (
  { audit, actor }: Auditing,
  change: Pick<AuditEntry, 'action' | 'target' | 'data'>,
): Promise<void> => audit.record({ ...change, actor: actor(), outcome: 'allowed' })

/** A change that only takes power away is not held up by an audit that cannot keep it. Does not reject. */
export const noteLess = async (
  parts: Auditing & { readonly logger: Logger },
  change: Pick<AuditEntry, 'action' | 'target' | 'data'>,
): Promise<void> => {
  try {
    await note(parts, change)
  } catch (error) {
    parts.logger.error('a change took effect that the audit could not keep', { ...change, error })
  }
}

/** What was refused or went wrong stands in the audit, too. */
export const told = async <T>(
  { audit, actor }: Auditing,
  change: Pick<AuditEntry, 'action' | 'target'>,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (AppError.is(error)) {
      const { code, message, status } = error
      const outcome = status < 500 ? 'denied' : 'failed'
      await audit.record({ ...change, actor: actor(), outcome, code, data: { reason: message } })
    }
    throw error
  }
}
