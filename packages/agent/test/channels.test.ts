import { describe, expect, it } from 'vitest'
import { agentBench, until } from './support/agent-bench.ts'
import { silence, text } from './support/scripted-model.ts'

const open = async () => {
  const bench = await agentBench()
  const life = await bench.live()
  return { ...bench, life }
}

describe('what comes in by a channel', () => {
  it('is answered by that channel, in its own conversation', async () => {
    const { channels, database } = await open()
    await channels.deliver('hello')
    await until(() => channels.sent.length === 1)
    expect(channels.sent).toEqual([
      { plugin: 'acme.post', channel: 'post', conversationId: 'room', text: 'You said: hello' },
    ])
    await until(() => database.data().values.size === 0)
  })

  it('belongs to a principal that is no account, the same at each message and another for each person', async () => {
    const { channels, database } = await open()
    await channels.deliver('one')
    await channels.deliver('two')
    await channels.deliver('three', { principalId: 'eve' })
    await channels.deliver('four', { plugin: 'acme.other' })
    const owners = database.data().turns.map(({ principalId }) => principalId)
    expect(owners.every((owner) => /^channel:acme\.(post|other)\/post:[0-9a-z]{26}$/.test(owner))).toBe(true)
    expect([new Set(owners).size, owners[0]]).toEqual([3, owners[1]])
    expect(new Set(database.data().turns.map(({ conversationId }) => conversationId)).size).toBe(3)
  })

  it('is accepted and answered once where it comes again under its key, at once or later', async () => {
    const { channels, database } = await open()
    const again = { idempotencyKey: 'k' }
    await Promise.all([channels.deliver('hi', again), channels.deliver('hi', again)])
    await until(() => channels.sent.length === 1 && database.data().values.size === 0)
    await channels.deliver('hi', again)
    expect(database.data().turns).toHaveLength(1)
    expect(channels.sent).toHaveLength(1)
    await expect(channels.deliver('other', again)).rejects.toMatchObject({
      code: 'request.idempotency-conflict',
    })
  })

  it('is answered after a restart in between', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const first = await bench.live()
    await bench.channels.deliver('old')
    first.database.kill()
    bench.model.script = () => text('late, but here')
    await bench.live()
    await until(() => bench.channels.sent.length === 1)
    expect(bench.channels.sent).toMatchObject([{ conversationId: 'room', text: 'late, but here' }])
  })

  it('is answered by the next start where its reply could not be sent', async () => {
    const bench = await agentBench()
    let tries = 0
    bench.channels.onSend = () => {
      tries++
      throw new Error('nobody there')
    }
    const first = await bench.live()
    await bench.channels.deliver('hi')
    await until(() => tries > 0)
    await first.agent.stop()
    expect(bench.database.data().values.size).toBe(1)
    bench.channels.onSend = () => undefined
    await bench.live()
    await until(() => bench.channels.sent.length === 1 && bench.database.data().values.size === 0)
    expect(bench.database.data().turns).toHaveLength(1)
  })

  it('is refused while the server stops, and owes nothing then', async () => {
    const bench = await agentBench()
    bench.model.script = silence
    const { agent } = await bench.live()
    await bench.channels.deliver('one')
    const stopped = agent.stop()
    await expect(bench.channels.deliver('two')).rejects.toMatchObject({ code: 'request.shutting-down' })
    await stopped
    expect(bench.database.data().values.size).toBe(1)
  })
})
