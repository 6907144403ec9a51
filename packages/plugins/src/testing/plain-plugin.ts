/** An honest plugin that does as it is told: each action is one way to answer. */
export const plainPlugin = `
import { definePlugin, z } from '@covent/plugin-sdk'
const way = (run) => ({ description: 'A way to answer', effect: 'read', input: z.any(), output: z.any(), run })
export default definePlugin({
  id: 'acme.plain', version: '1.2.3', type: 'extension', description: 'Does as it is told.',
  permissions: { required: { 'data:database': { reason: 'Keep values' } } },
  actions: {
    echo: way(async (input) => input),
    tell: way(async (words, ctx) => { for (const word of words) ctx.progress(word); return words.length }),
    ask: way(async (key, ctx) => ctx.kv.get(key, z.any())),
    slow: way((ms) => new Promise((done) => setTimeout(() => done('late'), ms))),
    patient: way((_, ctx) => new Promise((done) => ctx.signal.addEventListener('abort', () => done('aborted')))),
    loop: way(async () => { for (;;); }),
    exit: way(async () => process.exit(0)),
  },
})`
