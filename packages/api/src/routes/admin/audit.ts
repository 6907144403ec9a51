import type { AuditLog } from '@covent/core'
import { route } from '../../http/route.ts'
import { auditQuery, auditRecordSchema, auditView } from '../../schemas/audit.ts'
import { pageOf } from '../../schemas/page.ts'

export const auditRoutes = (audit: Pick<AuditLog, 'list'>) => [
  route({
    method: 'GET',
    path: '/api/audit',
    operationId: 'listAudit',
    summary: 'Who did what, and what came of it',
    scope: 'audit:read',
    query: auditQuery,
    responses: { 200: { description: 'A page, oldest first', schema: pageOf(auditRecordSchema) } },
    async handle({ query }) {
      const { items, ...rest } = await audit.list(query)
      return { status: 200, body: { items: items.map(auditView), ...rest } }
    },
  }),
]
