import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { text } from 'node:stream/consumers'
import { agentRuntime } from '@covent/agent'
import { actionsConfig, agentConfig } from '@covent/agent/config'
import { noBudgets, noMetrics, silentLogger, systemClock } from '@covent/core'
import { models } from '@covent/models'
import { memoryBudgets, memoryRateLimits } from '@covent/rate-limit'
import { modelsConfig } from '@covent/models/config'
import { describeWith } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { elsewhere, networked, type Networked } from './support.ts'

const path = new URL('../../../../examples/plugins/echo-channel/plugin.ts', import.meta.url)

/** The example as it stands, but for its mailbox, which is on loopback here. */
const channelAt = (port: number): string =>
  stripTypeScriptTypes(readFileSync(path, 'utf8'))
    .replaceAll('mailbox.example.com', `mailbox.example.com:${port}`)
    .replaceAll('https://', 'http://')
    .replace('net:outbound:https', 'net:outbound:http')

interface Letter {
  readonly id: number
  readonly room: string
  readonly from: string
  readonly text: string
}

const mailbox = (inbox: Letter[], outbox: { room: string; text: string }[]): RequestListener => {
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://there')
    if (pathname === '/outbox') outbox.push(JSON.parse(await text(request)) as never)
    const after = Number(searchParams.get('after'))
    response.end(JSON.stringify({ messages: inbox.filter(({ id }) => id > after) }))
  }
}

const startAgent = async ({ host, database }: Networked): Promise<void> => {
  const agent = agentRuntime(
    {
      stores: database.stores,
      unitOfWork: database.unitOfWork,
      models: models(modelsConfig.parse({}), { get: async () => undefined }),
      budgets: memoryBudgets(),
      limits: memoryRateLimits(),
      plugins: host,
      channels: host.channels,
      events: { emit() {}, on: () => ({ [Symbol.dispose]() {} }) } as never,
      logger: silentLogger,
      clock: systemClock,
      metrics: noMetrics,
      context: { run: (_fields, work) => work(), current: () => undefined },
    },
    { ...agentConfig.parse({}), ...actionsConfig.parse({}), budgets: noBudgets, drainMs: 1_000 },
  )
  await agent.start?.()
  onTestFinished(() => agent.stop?.())
}

describeWith('bubblewrap', 'the echo channel example', () => {
  it('takes what people wrote to the agent, and brings its answers to their rooms', async () => {
    const inbox: Letter[] = [{ id: 1, room: 'lobby', from: 'bob', text: 'hello' }]
    const outbox: { room: string; text: string }[] = []
    const { port } = await elsewhere(mailbox(inbox, outbox))
    const id = 'covent.echo-channel'
    const plugins = { network: { allowPrivate: [id] }, config: { [id]: { pollMs: 50 } } }
    const networks = await networked({ bundled: channelAt(port), plugins })
    await startAgent(networks)
    await expect.poll(() => outbox, { timeout: 10_000 }).toHaveLength(1)
    inbox.push({ id: 2, room: 'garden', from: 'eve', text: 'hi there' })
    await expect.poll(() => outbox, { timeout: 10_000 }).toHaveLength(2)
    expect(outbox.map(({ room }) => room)).toEqual(['lobby', 'garden'])
    expect(outbox.every((letter) => letter.text.length > 0)).toBe(true)
    expect(networks.denials).toEqual([])
  })
})
