import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { example, startHost } from './start-host.ts'

const message = (principalId: string) => ({
  messageId: 'msg_1',
  turnId: 'turn_1',
  conversationId: 'conv_1',
  principalId,
  text: 'hi',
})

describeWith('bubblewrap', 'the examples', () => {
  it('formats text, with no permission', async () => {
    const { call, host } = await startHost({ bundled: [example('text-formatter')] })
    const format = (text: string, style: string) =>
      call('covent.text-formatter', 'format_text', { text, style })
    expect(await format('hello big WORLD', 'title')).toEqual({ text: 'Hello Big World' })
    expect(await format('Hello, big world!', 'kebab')).toEqual({ text: 'hello-big-world' })
    expect(host.list()).toMatchObject([{ grants: [] }])
  })

  it('tells once when one person sends too many messages, and not when two share them', async () => {
    const { bus, events } = await startHost({
      bundled: [example('flood-guard')],
      plugins: { config: { 'covent.flood-guard': { maxPerMinute: 3 } } },
    })
    const floods = () => events.filter(({ type }) => type === 'plugin.event')
    for (let n = 0; n < 3; n++)
      for (const who of ['anna', 'ben']) bus.emit('agent.message.received', message(who))
    for (let n = 0; n < 3; n++) bus.emit('agent.message.received', message('anna'))
    await expect.poll(floods).toHaveLength(1)
    expect(floods()).toMatchObject([
      { payload: { plugin: 'covent.flood-guard', name: 'flood.detected', payload: { count: 4 } } },
    ])
  })
})
