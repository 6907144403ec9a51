import { describe, expect, it } from 'vitest'
import { agentBench, until } from './support/agent-bench.ts'
import { text } from './support/scripted-model.ts'

const lastText = (messages: readonly object[]): string => (messages.at(-1) as { text: string }).text

describe('turns', () => {
  it('of one conversation run one after the other in the order of acceptance', async () => {
    const bench = await agentBench()
    let running = 0
    let most = 0
    bench.model.script = async function* ({ messages }) {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 3))
      running--
      yield* text(`re: ${lastText(messages)}`)
    }
    const { say } = await bench.live()
    const said = ['a', 'b', 'c', 'd', 'e']
    const turns = await Promise.all(said.map((one) => say(one)))
    await Promise.all(turns.map((turn) => turn.result()))
    expect(most).toBe(1)
    expect(bench.model.requests.map((request) => lastText(request.messages))).toEqual(said)
  })

  it('of different conversations run beside each other', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      await gate.promise
      yield* text('done')
    }
    const { say } = await bench.live()
    const turns = [await say('a'), await say('b', { conversation: 'other' })]
    await until(() => bench.model.requests.length === 2)
    gate.resolve()
    await Promise.all(turns.map((turn) => turn.result()))
  })

  it('over the bound on waiting are refused before they are accepted, though a known key still joins', async () => {
    const bench = await agentBench()
    const gate = Promise.withResolvers<void>()
    bench.model.script = async function* () {
      await gate.promise
      yield* text('done')
    }
    const { say } = await bench.live({ maxConcurrentTurns: 1, maxWaitingTurns: 1 })
    const first = await say('a', { key: 'a' })
    await say('b')
    await expect(say('c')).rejects.toMatchObject({ code: 'request.overloaded' })
    expect((await say('a', { key: 'a' })).turnId).toBe(first.turnId)
    expect(bench.database.data().messages.map((message) => message.text)).toEqual(['a', 'b'])
    gate.resolve()
    await first.result()
  })

  it('that fail do not hold up those behind them', async () => {
    const bench = await agentBench()
    bench.model.script = ({ messages }) => {
      if (lastText(messages) === 'bad') throw new Error('a secret of the inside')
      return text('fine')
    }
    const { say } = await bench.live()
    const [bad, good] = await Promise.all([say('bad'), say('good')])
    const failed = await bad.result()
    expect(failed.error).toMatchObject({ code: 'agent.failed', status: 500 })
    expect(JSON.stringify(bench.database.data())).not.toContain('secret of the inside')
    expect((await good.result()).reply?.text).toBe('fine')
  })
})
