import { spec } from './spec.ts'

export const auditCodes = {
  'audit.unavailable': spec(
    503,
    'Audit cannot be kept',
    'Free disk space or mend the folder that the message names; nothing was changed.',
  ),
  'audit.broken': spec(
    500,
    'Audit was changed from outside',
    'Run `covent audit verify`, keep the folder as evidence, and move it aside to begin a new audit.',
  ),
} as const
