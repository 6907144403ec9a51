import { PluginError } from '@covent/core'
import { describe, expect, it } from 'vitest'
import { agentBench, allOf, deltas } from './support/agent-bench.ts'
import { calls, results, text, usage } from './support/scripted-model.ts'

describe('an action', () => {
  it('is journaled before it runs and after, and its output goes back to the model', async () => {
    const bench = await agentBench()
    let journalAtCall: readonly string[] = []
    bench.plugins.add('add_note', 'write', () => {
      journalAtCall = bench.database.data().calls.map((call) => call.state)
      return { text: 'noted' }
    })
    bench.model.script = (request) =>
      results(request).length === 0
        ? calls({ add_note: { note: 'milk' } }, 'One moment.')
        : text('Done: ', ...results(request))
    const { say } = await bench.live()
    const turn = await say('note milk')
    const { reply } = await turn.result()
    expect(journalAtCall).toEqual(['started'])
    expect(bench.database.data().calls).toMatchObject([
      {
        state: 'completed',
        plugin: 'test.bench',
        action: 'add_note',
        input: { note: 'milk' },
        output: { text: 'noted' },
        step: 0,
      },
    ])
    expect(reply?.text).toBe('One moment.\n\nDone: {"text":"noted"}')
    const events = await allOf(turn.events())
    expect(deltas(events)).toBe(reply?.text)
    expect(events.filter((event) => event.kind === 'action').map((event) => event.state)).toEqual([
      'started',
      'completed',
    ])
  })

  it('is a tool only of turns to which it applies', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => 'seen')
    bench.plugins.add('jump', 'read', () => 'jumped')
    bench.plugins.hidden.add('jump')
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ jump: {} }) : text(...results(request))
    const { say } = await bench.live()
    const { reply } = await (await say('jump')).result()
    expect(bench.model.requests[0]!.tools.map(({ name }) => name)).toEqual(['look'])
    expect(reply?.text).toContain('There is no tool named jump.')
    expect(bench.plugins.invocations).toEqual([])
    bench.plugins.hidden.clear()
    expect((await (await say('jump')).result()).reply?.text).toContain('jumped')
  })

  it('runs on behalf of the principal, the conversation and the journaled call', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => 'seen')
    bench.model.script = (request) => (results(request).length === 0 ? calls({ look: {} }) : text('ok'))
    const { say } = await bench.live()
    const turn = await say('look')
    await turn.result()
    expect(bench.plugins.invocations[0]!.call).toEqual({
      callId: bench.database.data().calls[0]!.id,
      turnId: turn.turnId,
      conversationId: 'talk',
      principalId: 'ada',
      character: 'assistant',
    })
  })

  it('shows what it says meanwhile, as far as a reader could want it', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', (_input, _signal, onProgress) => {
      for (let n = 0; n < 1000; n++) onProgress('x'.repeat(5000))
    })
    bench.model.script = (request) => (results(request).length === 0 ? calls({ look: {} }) : text('ok'))
    const { say } = await bench.live()
    const turn = await say('look')
    const said = (await allOf(turn.events())).filter(
      (event) => event.kind === 'action' && event.state === 'progress',
    )
    expect(said).toHaveLength(100)
    expect(said[0]).toMatchObject({ text: 'x'.repeat(2000) })
  })

  it('has an id of its own for the model, though the model gives two the same or none', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => 'seen')
    bench.model.script = (request) =>
      results(request).length > 0
        ? text('ok')
        : [
            ...['a', 'a', ''].map((id) => ({ kind: 'call', call: { id, name: 'look', input: {} } }) as const),
            { kind: 'end', reason: 'calls', usage },
          ]
    const { say } = await bench.live()
    await (await say('look')).result()
    const ids = bench.database.data().calls.map((call) => call.toolCallId)
    expect(new Set(ids).size).toBe(3)
    const told = bench.model.requests[1]!.messages.flatMap((one) =>
      one.role === 'action' ? [one.callId] : [],
    )
    expect(told).toEqual(ids)
  })

  it('that only reads runs beside its like; others wait for their turn', async () => {
    const bench = await agentBench()
    const log: string[] = []
    const logged = (name: string) => async () => {
      log.push(`+${name}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      log.push(`-${name}`)
    }
    bench.plugins.add('a', 'read', logged('a'))
    bench.plugins.add('b', 'read', logged('b'))
    bench.plugins.add('w', 'write', logged('w'))
    bench.plugins.add('c', 'read', logged('c'))
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ a: 1, b: 2, w: 3, c: 4 }) : text('ok')
    const { say } = await bench.live()
    await (await say('go')).result()
    expect(log).toEqual(['+a', '+b', '-a', '-b', '+w', '-w', '+c', '-c'])
  })

  it('that fails is told to the model and shown, and the turn goes on', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => {
      throw new PluginError('plugin.input-invalid', 'look needs a place.')
    })
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ look: {} }) : text(...results(request))
    const { say } = await bench.live()
    const { reply } = await (await say('look')).result()
    expect(reply?.text).toBe('"plugin.input-invalid: look needs a place."')
    expect(bench.model.requests[1]!.messages.at(-1)).toMatchObject({
      role: 'action',
      isError: true,
      callId: 'asked-look',
    })
    expect(bench.database.data().calls).toMatchObject([
      { state: 'failed', error: { code: 'plugin.input-invalid' } },
    ])
  })

  it('with an unknown error shows none of it', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => {
      throw new Error('inside secret')
    })
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ look: {} }) : text(...results(request))
    const { say } = await bench.live()
    const turn = await say('look')
    await turn.result()
    expect(JSON.stringify([await allOf(turn.events()), bench.database.data()])).not.toContain('inside secret')
  })

  it('that writes and crashes or times out is unknown, and the user is told whatever the model says', async () => {
    const bench = await agentBench()
    bench.plugins.add('add_note', 'write', () => {
      throw new PluginError('plugin.timeout', 'add_note took too long.')
    })
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ add_note: {} }) : text('All went well.')
    const { say } = await bench.live()
    const turn = await say('note')
    const { reply } = await turn.result()
    expect(bench.database.data().calls).toMatchObject([
      { state: 'unknown', error: { code: 'plugin.timeout' } },
    ])
    expect(reply?.text).toMatch(
      /^All went well\.\n\nNote: it is not known whether test\.bench\/add_note took effect/,
    )
    expect(deltas(await allOf(turn.events()))).toBe(reply?.text)
  })

  it('without end stops at the step limit', async () => {
    const bench = await agentBench()
    bench.plugins.add('look', 'read', () => 'again')
    bench.model.script = () => calls({ look: {} })
    const { say } = await bench.live({ maxSteps: 3 })
    const { error, message } = await (await say('loop')).result()
    expect(error).toMatchObject({ code: 'model.steps-exceeded', status: 502 })
    expect(message.status).toBe('failed')
    expect(bench.model.requests).toHaveLength(3)
    expect(bench.plugins.invocations).toHaveLength(2)
  })
})

describe('what may run', () => {
  const attempt = async (tool: string, allow: readonly string[]) => {
    const bench = await agentBench()
    for (const effect of ['external', 'spend', 'exec'] as const)
      bench.plugins.add(`do_${effect}`, effect, () => 'done')
    bench.plugins.add('do_write', 'write', () => 'done')
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ [tool]: {} }) : text(...results(request))
    const { say } = await bench.live({ allow: [...allow] })
    const { reply } = await (await say('go')).result()
    return {
      reply: reply?.text,
      ran: bench.plugins.invocations.length,
      offered: bench.model.requests[0]!.tools.map((one) => one.name),
    }
  }

  it.each(['external', 'spend', 'exec'])(
    'with effect %s is neither offered nor run without leave',
    async (effect) => {
      const { reply, ran, offered } = await attempt(`do_${effect}`, [])
      expect(reply).toContain('plugin.effect-refused')
      expect(ran).toBe(0)
      expect(offered).toEqual(['do_write'])
    },
  )

  it('is named in actions.allow with its plugin', async () => {
    const { reply, offered } = await attempt('do_spend', ['test.bench/do_spend'])
    expect(reply).toBe('"done"')
    expect(offered).toEqual(['do_spend', 'do_write'])
  })

  it('is not named by its name alone, which any plugin may use', async () => {
    expect((await attempt('do_spend', ['do_spend'])).reply).toContain('plugin.effect-refused')
  })

  it.each(['do_spen', 'do_spend_', 'spend', 'DO_SPEND', 'test/do_spend', '__proto__', ''])(
    'is not matched by the near name %j',
    async (name) => {
      expect((await attempt(name, [])).reply).toContain('plugin.not-found')
      expect((await attempt('do_spend', [name])).reply).toContain('plugin.effect-refused')
    },
  )

  it('is called by its plugin too where two share a name', async () => {
    const bench = await agentBench()
    bench.plugins.addTo('acme.clock', 'now', () => 'acme')
    bench.plugins.addTo('other.clock', 'now', () => 'other')
    bench.plugins.addTo('other_clock', 'now', () => 'third')
    bench.plugins.addTo('other.clock', `weird name/${'x'.repeat(80)}`, () => 'weird')
    bench.model.script = (request) =>
      results(request).length === 0 ? calls({ now: 1, other_clock__now: 2 }) : text(...results(request))
    const { say } = await bench.live()
    const { reply } = await (await say('now')).result()
    const names = bench.model.requests[0]!.tools.map((tool) => tool.name)
    expect(names.slice(0, 3)).toEqual(['acme_clock__now', 'other_clock__now', 'other_clock__now_2'])
    expect(names[3]).toMatch(/^weird_name_x{53}$/)
    expect(reply?.text).toBe('"plugin.not-found: There is no tool named now.""other"')
  })
})
