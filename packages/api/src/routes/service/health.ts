import type { HealthRegistry } from '@covent/core'
import * as z from 'zod'
import { route } from '../../http/route.ts'

const status = z.object({ status: z.string() }).meta({ id: 'Status' })
const report = z
  .object({
    status: z.enum(['ok', 'degraded', 'unready']),
    checks: z.record(
      z.string(),
      z.object({
        ok: z.boolean(),
        detail: z.string().optional(),
        data: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  })
  .meta({ id: 'HealthReport' })
export type HealthView = z.output<typeof report>

/** Without a credential only a status; what lies behind it is for `health:read`. */
export const healthRoutes = (health: HealthRegistry) => [
  route({
    method: 'GET',
    path: '/health/live',
    operationId: 'getLiveness',
    summary: 'Whether the process answers',
    scope: 'public',
    rate: 'none',
    log: 'debug',
    responses: { 200: { description: 'It does', schema: status } },
    handle: () => ({ status: 200, body: { status: 'ok' } }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    operationId: 'getReadiness',
    summary: 'Whether requests should be sent here',
    scope: 'public',
    rate: 'none',
    log: 'debug',
    responses: { 200: { description: 'Yes', schema: status }, 503: { description: 'No', schema: status } },
    async handle() {
      const ready = (await health.report()).status !== 'unready'
      return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'unready' } }
    },
  }),
  route({
    method: 'GET',
    path: '/health',
    operationId: 'getHealth',
    summary: 'Every check with its result',
    scope: 'health:read',
    log: 'debug',
    responses: {
      200: { description: 'Ready, perhaps degraded', schema: report },
      503: { description: 'Not ready', schema: report },
    },
    async handle() {
      const body = await health.report()
      return { status: body.status === 'unready' ? 503 : 200, body }
    },
  }),
]
