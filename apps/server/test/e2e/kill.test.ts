import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith, type ServerProcess, sseEvents, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { clientOf, type MessageRecord, requests, startServer } from './support.ts'

interface Sent {
  readonly conversation: string
  readonly text: string
  readonly key: string
  /** Id of the message, once the server has said that it accepted it. */
  accepted?: string
}

/** Writes to one conversation, message after message, each repeated under its key until the server says it is accepted. */
const writer = (conversation: string, at: { url: string }, key: string) => {
  const sent: Sent[] = []
  const state = { isRunning: true }
  const texts = ['Hello', 'What time is it in Tokyo?', 'My name is Ada', 'What is my name?']
  const send = async (message: Sent): Promise<void> => {
    const headers = { accept: 'text/event-stream', 'idempotency-key': message.key }
    const body = { text: message.text }
    const response = await requests(at.url, key).post(
      `/api/conversations/${message.conversation}/messages`,
      body,
      headers,
    )
    for await (const { event, data } of sseEvents(response)) {
      if (event === 'accepted')
        message.accepted = (JSON.parse(data) as { message: { id: string } }).message.id
      if (event === 'end') return
    }
  }
  const run = async (): Promise<void> => {
    for (let n = 0; state.isRunning; n++) {
      const text = n % 5 === 4 ? `Note that ${conversation}-${n}-end` : texts[n % 4]!
      const message: Sent = { conversation, text, key: `${conversation}-${n}` }
      sent.push(message)
      while (message.accepted === undefined && state.isRunning) await send(message).catch(() => sleep(20))
    }
  }
  return { sent, run, stop: () => void (state.isRunning = false) }
}

const history = async (
  server: ServerProcess,
  key: string,
  conversation: string,
): Promise<readonly MessageRecord[]> => {
  const items: MessageRecord[] = []
  let cursor = ''
  do {
    const page = await requests(server.ready.url, key).get<{ items: MessageRecord[]; nextCursor?: string }>(
      `/api/conversations/${conversation}/messages?limit=100${cursor && `&cursor=${cursor}`}`,
    )
    items.push(...page.items)
    cursor = page.nextCursor ?? ''
  } while (cursor !== '')
  return items
}

const settled = async (
  server: ServerProcess,
  key: string,
  conversations: readonly string[],
): Promise<readonly MessageRecord[]> => {
  for (let tries = 0; tries < 200; tries++) {
    const all = (await Promise.all(conversations.map((id) => history(server, key, id)))).flat()
    if (all.every(({ status }) => status !== 'accepted')) return all
    await sleep(50)
  }
  throw new Error('turns are still open ten seconds after the last start')
}

describeWith('bubblewrap', 'kill -9 in the middle of turns, at random points', () => {
  it('loses no accepted message and answers none twice', async () => {
    const home = temporaryFolder()
    let server = await startServer(home)
    const { key, post } = await clientOf(server, home)
    const at = { url: server.ready.url }
    const ids: string[] = []
    for (let n = 0; n < 4; n++)
      ids.push(((await (await post('/api/conversations', {})).json()) as { id: string }).id)
    const writers = ids.map((id) => writer(id, at, key))
    const running = writers.map(({ run }) => run())
    for (let kills = 0; kills < 8; kills++) {
      await sleep(50 + Math.random() * 400)
      await server.kill()
      server = await startServer(home)
      at.url = server.ready.url
    }
    for (const { stop } of writers) stop()
    await Promise.all(running)
    const stored = await settled(server, key, ids)
    const sent = writers.flatMap((w) => w.sent)
    const accepted = sent.filter((message) => message.accepted !== undefined)
    expect(accepted.length).toBeGreaterThan(20)

    const users = stored.filter(({ role }) => role === 'user')
    const replies = stored.filter(({ role }) => role === 'assistant')
    for (const { accepted: id, text } of accepted)
      expect(users.filter((m) => m.id === id && m.text === text)).toHaveLength(1)
    expect(new Set(users.map(({ id }) => id)).size).toBe(users.length)
    expect(users.length).toBeLessThanOrEqual(sent.length)
    for (const { turnId, status, text } of users) {
      const answers = replies.filter((reply) => reply.turnId === turnId).length
      expect(answers, `${text} is ${status}`).toBe(status === 'answered' ? 1 : 0)
    }
    for (const { stop: _, sent: mine } of writers) {
      const order = users.filter((m) => mine.some((s) => s.accepted === m.id)).map((m) => m.id)
      expect(order).toEqual(mine.filter((s) => s.accepted !== undefined).map((s) => s.accepted))
    }
    await notesAreWrittenOnce(server, key, stored)
  }, 60_000)
})

/** A note stands once where its turn says that it was written, and at most once where the end of its call is not known. */
const notesAreWrittenOnce = async (
  server: ServerProcess,
  key: string,
  stored: readonly MessageRecord[],
): Promise<void> => {
  const client = requests(server.ready.url, key)
  const { id } = (await (await client.post('/api/conversations', {})).json()) as { id: string }
  const asked = stored.filter(({ role, text }) => role === 'user' && text.startsWith('Note that '))
  expect(asked.length).toBeGreaterThan(3)
  for (const { text, turnId } of asked) {
    const note = text.slice('Note that '.length)
    const said =
      stored.find((message) => message.role === 'assistant' && message.turnId === turnId)?.text ?? ''
    const response = await client.post(`/api/conversations/${id}/messages`, {
      text: `Search my notes for "${note}"`,
    })
    const { reply } = (await response.json()) as { reply: { text: string } }
    const times = reply.text.split('\n').filter((line) => /^\d+\. /.test(line) && line.endsWith(note)).length
    if (said.includes(note)) expect(times, `${said} / ${reply.text}`).toBe(1)
    else expect(times, `${said} / ${reply.text}`).toBeLessThanOrEqual(1)
  }
}
