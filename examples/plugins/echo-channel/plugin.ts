import { definePlugin, z } from '@covent/plugin-sdk'

const origin = 'https://mailbox.example.com'
const Inbox = z.object({
  messages: z.array(z.object({ id: z.int(), room: z.string(), from: z.string(), text: z.string() })),
})

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })

/** Whether the last look into the mailbox succeeded. */
let isConnected = false

export default definePlugin({
  id: 'covent.echo-channel',
  version: '1.0.0',
  type: 'integration',
  title: 'Echo channel',
  description: 'Ties the agent to a mailbox that is polled over HTTP.',
  permissions: {
    required: {
      'net:outbound:https': {
        hosts: ['mailbox.example.com'],
        methods: ['GET', 'POST'],
        reason: 'Fetch what people wrote, and post what the agent answers',
      },
      'data:database': { reason: 'Remember which messages were taken' },
    },
  },
  config: z.object({ pollMs: z.int().min(50).max(60_000).default(2_000) }),
  channels: {
    mailbox: {
      description: 'A mailbox with rooms, by HTTP',
      async start(ctx) {
        const scope = 'plugin'
        const look = async (): Promise<void> => {
          const taken = (await ctx.kv.get('taken', z.int(), { scope })) ?? 0
          const answer = await ctx.http.get(`${origin}/inbox?after=${taken}`, { signal: ctx.signal })
          for (const { id, room, from, text } of (await answer.json(Inbox)).messages) {
            // Noted only once the agent has it: after a crash in between it comes again, and joins the first.
            const idempotencyKey = String(id)
            await ctx.deliver({ conversationId: room, principalId: from, text, idempotencyKey })
            await ctx.kv.set('taken', id, { scope })
          }
        }
        const poll = async (): Promise<void> => {
          while (!ctx.signal.aborted) {
            isConnected = await look().then(
              () => true,
              (error: unknown) => {
                if (!ctx.signal.aborted) ctx.log.warn('the mailbox cannot be read', { reason: String(error) })
                return false
              },
            )
            await wait(ctx.config.pollMs, ctx.signal)
          }
        }
        await look()
        isConnected = true
        void poll()
      },
      async stop() {
        isConnected = false
      },
      async send({ conversationId, text }, ctx) {
        const body = JSON.stringify({ room: conversationId, text })
        const headers = { 'content-type': 'application/json' }
        const { status } = await ctx.http.request(`${origin}/outbox`, { method: 'POST', headers, body })
        if (status >= 300) throw new Error(`the mailbox answered ${status}`)
      },
      connected: () => isConnected,
    },
  },
})
