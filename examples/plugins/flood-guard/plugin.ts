import { definePlugin, z } from '@covent/plugin-sdk'

const windowMs = 60_000
const windowSchema = z.object({ startedAt: z.number(), count: z.number() })

export default definePlugin({
  id: 'covent.flood-guard',
  version: '1.0.0',
  type: 'system',
  description: 'Tells when one person sends too many messages within a minute.',
  permissions: { required: { 'data:database': { reason: 'Remember counts across restarts' } } },
  config: z.object({ maxPerMinute: z.int().positive().default(30) }),
  emits: { 'flood.detected': z.object({ principalId: z.string(), count: z.number() }) },
  on: {
    // Values belong to the person whose message it is, so that counts of two people never meet.
    async 'agent.message.received'({ principalId }, ctx) {
      const now = Date.now()
      const last = await ctx.kv.get('window', windowSchema)
      const isOpen = last !== undefined && now - last.startedAt < windowMs
      const window = isOpen ? { ...last, count: last.count + 1 } : { startedAt: now, count: 1 }
      await ctx.kv.set('window', window, { ttlMs: windowMs })
      if (window.count === ctx.config.maxPerMinute + 1)
        ctx.emit('flood.detected', { principalId, count: window.count })
    },
  },
})
