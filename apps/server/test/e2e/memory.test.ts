import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { type Client, clientOf, startServer } from './support.ts'

const start = `
import { definePlugin, z } from '@covent/plugin-sdk'
const action = (alias, run) => ({
  description: 'Does ' + alias, aliases: [alias], effect: 'write', input: z.object({}), output: z.string(), run,
})
const find = async (_input, ctx) => {
  const found = await ctx.memory.search('what is the door code')
  return 'found ' + found.length + ': ' + (found[0]?.text ?? 'nothing')
}
const about = { version: '1.0.0', type: 'extension', description: 'Made for a test.' }
const reason = 'Recall'`

/** What remembers in a conversation, and what reads in all of a person's. */
const plugins = {
  recaller: `${start}
export default definePlugin({
  ...about, id: 'acme.recaller',
  permissions: { required: { 'data:memory': { access: 'readwrite', reason }, 'ai:embedding': { reason } } },
  actions: {
    keep: action('peek alpha', async (_input, ctx) => {
      await ctx.memory.add('The oven is broken')
      await ctx.memory.add('The code of the door is 1234')
      return 'kept'
    }),
    find: action('peek bravo', find),
    compare: action('peek charlie', async (_input, ctx) => {
      const [a, b, c] = await ctx.embeddings.embed(['door code', 'code of the door', 'oven'])
      const dot = (x, y) => x.reduce((sum, value, at) => sum + value * y[at], 0)
      return dot(a, b) > dot(a, c) ? 'nearer' : 'farther'
    }),
  },
})`,
  elder: `${start}
export default definePlugin({
  ...about, id: 'acme.elder',
  permissions: { required: { 'data:memory': { access: 'read', conversations: 'all', reason } } },
  actions: { seek: action('peek delta', find) },
})`,
}

const homeWithBoth = (): string => {
  const home = temporaryFolder()
  for (const [name, source] of Object.entries(plugins)) {
    mkdirSync(join(home, 'plugins', name), { recursive: true })
    writeFileSync(join(home, 'plugins', name, 'plugin.mjs'), source)
  }
  const grants = { 'acme.recaller': ['data:memory', 'ai:embedding'], 'acme.elder': ['data:memory'] }
  writeFileSync(join(home, 'covent.json'), JSON.stringify({ plugins: { allowUnsigned: true, grants } }))
  return home
}

const conversation = async (client: Client) => {
  const path = '/api/conversations'
  const { id } = (await (await client.post(path, {})).json()) as { id: string }
  const say = async (text: string): Promise<string> => {
    const response = await client.post(`${path}/${id}/messages`, { text })
    return ((await response.json()) as { reply: { text: string } }).reply.text
  }
  return { path: `${path}/${id}`, say }
}

describeWith('bubblewrap', 'a server whose plugins remember', () => {
  it('finds it as far as was granted, and no more once the conversation is deleted', async () => {
    const home = homeWithBoth()
    const server = await startServer(home)
    const ann = await clientOf(server, home)
    const bob = await conversation(await clientOf(server, home))
    const first = await conversation(ann)
    const second = await conversation(ann)
    expect(await first.say('peek charlie')).toContain('nearer')
    expect(await first.say('peek alpha')).toContain('kept')
    expect(await first.say('peek bravo')).toContain('found 2: The code of the door is 1234')
    expect(await second.say('peek bravo')).toContain('found 0')
    expect(await second.say('peek delta')).toContain('found 2: The code of the door is 1234')
    expect(await bob.say('peek delta')).toContain('found 0')
    const headers = { authorization: `Bearer ${ann.key}` }
    await fetch(server.ready.url + first.path, { method: 'DELETE', headers })
    expect(await second.say('peek delta')).toContain('found 0')
  })
})
