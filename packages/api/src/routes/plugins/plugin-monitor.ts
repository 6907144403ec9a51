import type { PluginMonitor } from '@covent/core'
import * as z from 'zod'
import type { Chain } from '../../http/chain.ts'
import type { Exchange } from '../../http/exchange.ts'
import { answered, route } from '../../http/route.ts'
import { pageOf } from '../../schemas/page.ts'
import { pluginId } from '../../schemas/plugin.ts'
import { logLineView, pluginLogLine, pluginStats, statsView } from '../../schemas/plugin-stats.ts'
import { openStream } from '../../serving/event-stream.ts'

const ofPlugin = z.object({ id: pluginId })
const after = z.coerce.number().int().min(0).default(0)

const all = (monitor: PluginMonitor) =>
  route({
    method: 'GET',
    path: '/api/plugins/stats',
    operationId: 'listPluginStats',
    summary: 'What all plugins did and use',
    scope: 'plugins:read',
    responses: { 200: { description: 'All of them', schema: pageOf(pluginStats) } },
    handle: async () => ({ status: 200, body: { items: (await monitor.all()).map(statsView) } }),
  })

const one = (monitor: PluginMonitor) =>
  route({
    method: 'GET',
    path: '/api/plugins/:id/stats',
    operationId: 'showPluginStats',
    summary: 'What a plugin did and uses',
    scope: 'plugins:read',
    params: ofPlugin,
    responses: { 200: { description: 'Its figures', schema: pluginStats } },
    handle: async ({ params }) => ({ status: 200, body: statsView(await monitor.stats(params.id)) }),
  })

interface From {
  readonly id: string
  readonly after: number
}

const follow = async (chain: Chain, exchange: Exchange, { id, after }: From): Promise<typeof answered> => {
  const { monitor } = chain.deps
  monitor.logs(id) // a wrong id is an answer, not a stream
  const out = openStream(chain, exchange)
  try {
    for await (const line of monitor.follow(id, { after, signal: out.over }))
      await out.write(`id: ${line.n}\nevent: line\ndata: ${JSON.stringify(logLineView(line))}\n\n`)
  } finally {
    out.end()
  }
  return answered
}

const logs = (chain: Chain) =>
  route({
    method: 'GET',
    path: '/api/plugins/:id/logs',
    operationId: 'listPluginLogs',
    summary: 'The last lines of and about a plugin; goes on with Accept: text/event-stream',
    scope: 'plugins:read',
    params: ofPlugin,
    query: z.strictObject({ after: after.meta({ description: 'Only lines after this one.' }) }),
    responses: {
      200: {
        description: 'Oldest first',
        schema: pageOf(pluginLogLine),
        also: { 'text/event-stream': 'line' },
      },
    },
    handle({ exchange, params: { id }, query }) {
      const { headers } = exchange.request
      if (headers.accept?.includes('text/event-stream') === true) {
        const seen = after.safeParse(headers['last-event-id'] ?? query.after).data ?? query.after
        return follow(chain, exchange, { id, after: seen })
      }
      const lines = chain.deps.monitor.logs(id, query.after)
      return { status: 200, body: { items: lines.map(logLineView) } }
    },
  })

export const pluginMonitorRoutes = (chain: Chain) => [
  all(chain.deps.monitor),
  one(chain.deps.monitor),
  logs(chain),
]
