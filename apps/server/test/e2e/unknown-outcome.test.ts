import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, sseEvents, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { clientOf, requests, startServer } from './support.ts'

const slowPlugin = `import { definePlugin, z } from '@covent/plugin-sdk'
const action = (effect, user) => ({
  description: user, effect, examples: [{ user, input: {} }],
  input: z.object({}), output: z.object({ text: z.string() }),
  async run(_input, ctx) {
    ctx.progress('begun')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    return { text: 'seen to the end' }
  },
})
export default definePlugin({
  id: 'test.slow', version: '1.0.0', type: 'utility', description: 'Takes its time.',
  actions: { pay_bill: action('write', 'Pay the bill'), look_slowly: action('read', 'Look slowly') },
})
`

const homeWithPlugin = (): string => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'plugins', 'slow'), { recursive: true })
  writeFileSync(join(home, 'plugins', 'slow', 'plugin.mjs'), slowPlugin)
  return home
}

describeWith('bubblewrap', 'kill -9 in the middle of an action', () => {
  it.each([
    ['Pay the bill', 'unknown', /not know(n)? whether .*pay_bill took effect/],
    ['Look slowly', 'completed', /seen to the end/],
  ])('%s: its outcome is %s', async (text, state, words) => {
    const home = homeWithPlugin()
    const env = { COVENT_PLUGINS__ALLOW_UNSIGNED: 'true' }
    const server = await startServer(home, env)
    const { key, post } = await clientOf(server, home)
    const { id } = (await (await post('/api/conversations', {})).json()) as { id: string }
    const say = (url: string) =>
      requests(url, key).post(
        `/api/conversations/${id}/messages`,
        { text },
        { accept: 'text/event-stream', 'idempotency-key': 'one' },
      )
    for await (const { data } of sseEvents(await say(server.ready.url)))
      if (data.includes('"progress"')) break
    await server.kill()
    const again = await startServer(home, env)
    const seen: string[] = []
    for await (const { data } of sseEvents(await say(again.ready.url))) seen.push(data)
    expect(seen.filter((data) => data.includes('"action"')).at(-1)).toContain(`"state":"${state}"`)
    expect(seen.join('\n')).toMatch(words)
    expect(seen.at(-1)).toBe('{"reason":"answered"}')
  })
})
