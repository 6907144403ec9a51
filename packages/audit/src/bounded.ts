import type { AuditEntry } from '@covent/core'

const textLength = 500
const memberCap = 16

const cut = (text: string): string => (text.length <= textLength ? text : `${text.slice(0, textLength - 1)}…`)

const boundedData = (data: NonNullable<AuditEntry['data']>): NonNullable<AuditEntry['data']> =>
  Object.fromEntries(
    Object.entries(data)
      .slice(0, memberCap)
      .map(([name, value]) => [cut(name), typeof value === 'string' ? cut(value) : value]),
  )

/** An entry that takes no more room than the contract says, whoever wrote its texts. */
export const bounded = ({ actor, action, target, outcome, code, data }: AuditEntry): AuditEntry => ({
  actor,
  action: cut(action),
  ...(target !== undefined && { target: cut(target) }),
  outcome,
  ...(code !== undefined && { code }),
  ...(data !== undefined && { data: boundedData(data) }),
})
