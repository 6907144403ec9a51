import { setTimeout as sleep } from 'node:timers/promises'
import { sseEvents } from '@covent/testing'
import { expect } from 'vitest'
import { type MessageRecord, requests } from '../e2e/support.ts'

/** A message that a client wrote, and what it was told of it. */
export interface Sent {
  readonly conversation: string
  readonly text: string
  readonly key: string
  /** Id of the message, once a server has said that it accepted it. */
  accepted?: string
  /** The reply, where the client saw it to its end. */
  reply?: string
}

export interface Writer {
  readonly conversation: string
  readonly sent: readonly Sent[]
  /** Writes until `stop`; one message after another. */
  run(): Promise<void>
  stop(): void
}

/** Where to send, asked anew for each try. */
export type Where = () => string

const texts = ['Hello', 'What time is it in Tokyo?', 'My name is Ada', 'What is my name?']
const tryMs = 20_000

const send = async (message: Sent, where: Where, key: string): Promise<void> => {
  const headers = { accept: 'text/event-stream', 'idempotency-key': message.key }
  const response = await requests(where(), key).post(
    `/api/conversations/${message.conversation}/messages`,
    { text: message.text },
    headers,
    AbortSignal.timeout(tryMs),
  )
  for await (const { event, data } of sseEvents(response)) {
    const told = JSON.parse(data) as { readonly message: { readonly id: string; readonly text: string } }
    if (event === 'accepted') message.accepted = told.message.id
    if (event === 'message') message.reply = told.message.text
    if (event === 'end') return
  }
}

/** Writes to one conversation, each message repeated under its key until a server says that it is accepted. */
export const writer = (conversation: string, where: Where, key: string): Writer => {
  const sent: Sent[] = []
  const over = new AbortController()
  return {
    conversation,
    sent,
    async run() {
      for (let n = 0; !over.signal.aborted; n++) {
        const text = n % 5 === 4 ? `Note that ${conversation}-${n}-end` : texts[n % 4]!
        const message: Sent = { conversation, text, key: `${conversation}-${n}` }
        sent.push(message)
        while (message.accepted === undefined && !over.signal.aborted)
          await send(message, where, key).catch(() => sleep(20))
      }
    },
    stop: () => over.abort(),
  }
}

const history = async (url: string, key: string, conversation: string): Promise<readonly MessageRecord[]> => {
  const items: MessageRecord[] = []
  let cursor = ''
  do {
    const page = await requests(url, key).get<{ items: MessageRecord[]; nextCursor?: string }>(
      `/api/conversations/${conversation}/messages?limit=100${cursor && `&cursor=${cursor}`}`,
    )
    items.push(...page.items)
    cursor = page.nextCursor ?? ''
  } while (cursor !== '')
  return items
}

/** All messages of those conversations, once none waits for its answer. */
export const settled = async (
  url: string,
  key: string,
  conversations: readonly string[],
): Promise<readonly MessageRecord[]> => {
  for (const startedAt = performance.now(); performance.now() - startedAt < 20_000; await sleep(50)) {
    const all = (await Promise.all(conversations.map((id) => history(url, key, id)))).flat()
    if (all.every(({ status }) => status !== 'accepted')) return all
  }
  throw new Error('turns are still open after twenty seconds')
}

/** Nothing that was accepted is lost, nothing is there or answered twice, and all of it is in the order of its writers. */
export const checkMessages = (writers: readonly Writer[], stored: readonly MessageRecord[]): void => {
  const sent = writers.flatMap((one) => one.sent)
  const users = stored.filter(({ role }) => role === 'user')
  const replies = stored.filter(({ role }) => role === 'assistant')
  const byId = Map.groupBy(users, ({ id }) => id)
  for (const { accepted, text } of sent)
    if (accepted !== undefined) expect(byId.get(accepted)?.map((one) => one.text)).toEqual([text])
  expect(byId.size).toBe(users.length)
  expect(users.length).toBeLessThanOrEqual(sent.length)
  const answers = Map.groupBy(replies, ({ turnId }) => turnId)
  for (const { turnId, status, text } of users)
    expect(answers.get(turnId)?.length ?? 0, `${text} is ${status}`).toBe(status === 'answered' ? 1 : 0)
  for (const { accepted, reply } of sent) {
    const turnId = reply === undefined ? undefined : byId.get(accepted!)![0]!.turnId
    if (turnId !== undefined) expect(answers.get(turnId)?.map((one) => one.text)).toEqual([reply])
  }
  for (const { conversation, sent: mine } of writers) {
    const ids = mine.flatMap(({ accepted }) => accepted ?? [])
    const known = new Set(ids)
    const order = users.filter((one) => one.conversationId === conversation && known.has(one.id))
    expect(order.map(({ id }) => id)).toEqual(ids)
  }
}

/** A note stands once where its turn says that it was written, and at most once where the end of its call is not known. */
export const checkNotes = async (
  url: string,
  key: string,
  stored: readonly MessageRecord[],
): Promise<number> => {
  const client = requests(url, key)
  const { id } = (await (await client.post('/api/conversations', {})).json()) as { id: string }
  const asked = stored.filter(({ role, text }) => role === 'user' && text.startsWith('Note that '))
  for (const { text, turnId } of asked) {
    const note = text.slice('Note that '.length)
    const said = stored.find((one) => one.role === 'assistant' && one.turnId === turnId)?.text ?? ''
    const search = { text: `Search my notes for "${note}"` }
    const response = await client.post(`/api/conversations/${id}/messages`, search)
    const { reply } = (await response.json()) as { reply: { text: string } }
    const times = reply.text.split('\n').filter((line) => /^\d+\. /.test(line) && line.endsWith(note)).length
    if (said.includes(note)) expect(times, `${said} / ${reply.text}`).toBe(1)
    else expect(times, `${said} / ${reply.text}`).toBeLessThanOrEqual(1)
  }
  return asked.length
}
