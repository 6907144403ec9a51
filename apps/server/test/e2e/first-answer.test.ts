import { describeWith, sseEvents, temporaryFolder } from '@covent/testing'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { type Client, clientOf, overSocket, requests, startServer } from './support.ts'

const tokyoNow = (): RegExp => {
  const at = (ms: number): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' }).format(
      ms,
    )
  return new RegExp([Date.now() - 60_000, Date.now(), Date.now() + 60_000].map(at).join('|'))
}

const say = async (client: Pick<Client, 'post'>, conversation: string, text: string): Promise<string> => {
  const response = await client.post(`/api/conversations/${conversation}/messages`, { text })
  expect(response.status).toBe(200)
  return ((await response.json()) as { reply: { text: string } }).reply.text
}

describe('the first answer', () => {
  it('comes through the admin socket before any key exists', async () => {
    const home = temporaryFolder()
    await startServer(home)
    const body = { model: 'covent/assistant', messages: [{ role: 'user', content: 'Hello!' }] }
    const { status, text } = await overSocket(home, { method: 'POST', path: '/v1/chat/completions', body })
    expect(status).toBe(200)
    expect(text).toMatch(/hello|hi\b|welcome/i)
  })

  it('greets, and remembers a name over other messages and a restart', async () => {
    const home = temporaryFolder()
    const first = await startServer(home)
    const client = await clientOf(first, home)
    const { id } = (await (await client.post('/api/conversations', {})).json()) as { id: string }
    expect(await say(client, id, 'Hello there')).toMatch(/hello|hi\b/i)
    await say(client, id, 'My name is Ada.')
    await say(client, id, 'The weather is fine today.')
    await say(client, id, 'What can you do?')
    expect(await say(client, id, 'What is my name?')).toContain('Ada')
    await first.kill()
    const second = await startServer(home)
    const again = requests(second.ready.url, client.key)
    expect(await say(again, id, 'Do you remember my name?')).toContain('Ada')
  })

  it('serves the official openai client: greeting, memory, stream, models, errors', async () => {
    const home = temporaryFolder()
    const server = await startServer(home)
    const { key } = await clientOf(server, home)
    const openai = new OpenAI({ apiKey: key, baseURL: `${server.ready.url}/v1`, maxRetries: 0 })
    const model = 'covent/assistant'
    const hello = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Hello' }],
    })
    expect(hello.choices[0]?.message.content).toMatch(/hello|hi\b/i)
    expect(hello.choices[0]?.finish_reason).toBe('stop')
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'My name is Grace.' },
      { role: 'assistant', content: 'Nice to meet you.' },
      { role: 'user', content: [{ type: 'text', text: "What's my name?" }] },
    ]
    const stream = await openai.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let usage: unknown
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? ''
      usage = chunk.usage ?? usage
    }
    expect(text).toContain('Grace')
    expect(usage).toMatchObject({ total_tokens: expect.any(Number) })
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain(model)
    await expect(openai.chat.completions.create({ model: 'covent/nobody', messages })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    )
    await expect(
      new OpenAI({ apiKey: 'wrong', baseURL: `${server.ready.url}/v1`, maxRetries: 0 }).models.list(),
    ).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  })
})

describeWith('bubblewrap', 'an answer by way of a sandboxed plugin', () => {
  it('tells the time in Tokyo, with the action visible in the stream', async () => {
    const home = temporaryFolder()
    const server = await startServer(home)
    expect(server.ready).toMatchObject({ isolation: 'process', isolationFirstParty: 'process' })
    const client = await clientOf(server, home)
    const { id } = (await (await client.post('/api/conversations', {})).json()) as { id: string }
    const accept = { accept: 'text/event-stream' }
    const response = await client.post(
      `/api/conversations/${id}/messages`,
      { text: 'What time is it in Tokyo?' },
      accept,
    )
    const events = await Array.fromAsync(sseEvents(response))
    const names = events.map(({ event }) => event)
    expect(names[0]).toBe('accepted')
    expect(names).toContain('delta')
    expect(names.slice(-2)).toEqual(['message', 'end'])
    expect(events.every((event) => event.id !== undefined)).toBe(true)
    const actions = events
      .filter(({ event }) => event === 'action')
      .map(({ data }) => JSON.parse(data) as Record<string, unknown>)
    expect(actions.map(({ state }) => state)).toEqual(['started', 'completed'])
    expect(actions[0]).toMatchObject({ plugin: 'covent.clock', action: 'get_current_time' })
    expect(events.find(({ event }) => event === 'message')?.data).toMatch(tokyoNow())
  })

  it('shows the action to the openai client too', async () => {
    const home = temporaryFolder()
    const server = await startServer(home)
    const { key } = await clientOf(server, home)
    const openai = new OpenAI({ apiKey: key, baseURL: `${server.ready.url}/v1`, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'What time is it in Tokyo?' }]
    const stream = await openai.chat.completions.create({ model: 'covent/assistant', messages, stream: true })
    const chunks = await Array.fromAsync(stream)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('')).toMatch(tokyoNow())
    expect(JSON.stringify(chunks)).toContain('get_current_time')
  })

  it('keeps one person’s notes from another', async () => {
    const home = temporaryFolder()
    const server = await startServer(home)
    const [ada, bob] = [await clientOf(server, home), await clientOf(server, home)]
    const open = async (client: typeof ada): Promise<string> =>
      ((await (await client.post('/api/conversations', {})).json()) as { id: string }).id
    const [hers, his] = [await open(ada), await open(bob)]
    await say(ada, hers, 'Note that the safe is behind the painting')
    expect(await say(ada, hers, 'List my notes')).toContain('behind the painting')
    expect(await say(bob, his, 'List my notes')).not.toContain('painting')
    expect(await say(bob, his, 'Search my notes for painting')).not.toContain('safe')
    expect((await bob.post(`/api/conversations/${hers}/messages`, { text: 'Hello' })).status).toBe(404)
  })
})
