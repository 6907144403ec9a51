import { AppError, type AuditEntry } from '@covent/core'
import type { BrokerRequest } from '../../drivers/isolation-driver.ts'
import type { Asker, Denied } from '../broker/broker-method.ts'

/** How a brokered call ended. */
export interface Ended {
  readonly method: string
  /** What it was for, empty where the method says it all. */
  readonly target: string
  /** Absent where it was done. */
  readonly error?: unknown
}

const outcomeOf = (code: string): AuditEntry['outcome'] => (code.endsWith('-refused') ? 'denied' : 'failed')

/** The line of a brokered call: who asked for what, on whose behalf, and what came of it. */
export const brokeredLine = (
  { id }: Asker,
  { call: { principalId, callId } }: Pick<BrokerRequest, 'call'>,
  { method, target, error }: Ended,
): AuditEntry => {
  const line = { actor: { kind: 'plugin', id } as const, action: method, ...(target !== '' && { target }) }
  const data = { callId, ...(principalId !== '' && { principalId }) }
  if (error === undefined) return { ...line, outcome: 'allowed', data }
  if (!AppError.is(error)) return { ...line, outcome: 'failed', code: 'plugin.unavailable', data }
  const { code, data: facts } = error
  if (code !== 'plugin.permission-denied') return { ...line, outcome: outcomeOf(code), code, data }
  const { permission, target: refused } = facts as unknown as Denied
  return { ...line, target: refused, outcome: 'denied', code, data: { ...data, permission } }
}
