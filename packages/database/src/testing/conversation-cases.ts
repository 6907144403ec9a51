import type { PageRequest } from '@covent/core'
import { equal, ids, refused } from './assert.ts'
import { acceptTurn, call, conversation, hold, leaseMs, message } from './records.ts'
import type { Cases, Opened } from './stores-suite.ts'

const pages = async ({ stores }: Opened, request: PageRequest): Promise<string> => {
  const { items, nextCursor } = await stores.conversations.list('p1', request)
  if (nextCursor === undefined) return ids(items)
  return `${ids(items)} | ${await pages({ stores } as Opened, { ...request, cursor: nextCursor })}`
}

const three = async ({ stores }: Opened): Promise<void> => {
  await stores.conversations.create(conversation({ id: 'c2', createdAt: 20 }))
  await stores.conversations.create(conversation({ id: 'c3', createdAt: 20 }))
  await stores.conversations.create(conversation({ id: 'c1', createdAt: 10 }))
  await stores.conversations.create(conversation({ id: 'x1', createdAt: 10, principalId: 'p2' }))
}

export const conversationCases: Cases = {
  async 'finds a conversation for its own principal only'({ stores }) {
    await stores.conversations.create(conversation())
    equal(await stores.conversations.find('c1', 'p1'), conversation())
    equal(await stores.conversations.find('c1', 'p2'), undefined)
    equal(await stores.conversations.find('c9', 'p1'), undefined)
  },
  async 'refuses a second conversation of the same id'({ stores }) {
    await stores.conversations.create(conversation())
    await refused(stores.conversations.create(conversation({ principalId: 'p2' })), 'database.conflict')
    equal(await stores.conversations.find('c1', 'p1'), conversation())
  },
  async 'lists the principal’s own, oldest first, page by page'(opened) {
    await three(opened)
    equal(await pages(opened, { limit: 2 }), 'c1 c2 | c3')
    equal(await pages(opened, { limit: 3 }), 'c1 c2 c3')
    equal((await opened.stores.conversations.list('p3', { limit: 9 })).items, [])
  },
  async 'goes on after a cursor whose conversation was deleted'(opened) {
    await three(opened)
    const { nextCursor } = await opened.stores.conversations.list('p1', { limit: 2 })
    await opened.stores.conversations.remove('c2', 'p1')
    equal(await pages(opened, { limit: 2, cursor: nextCursor }), 'c3')
  },
  async 'refuses a cursor that it did not give'({ stores }) {
    for (const cursor of ['', 'x', 'bm9uc2Vuc2U', '%%%', 'e30', 'a'.repeat(9999)])
      await refused(stores.conversations.list('p1', { limit: 2, cursor }), 'validation.failed')
  },
  async 'deletes for its own principal only'({ stores }) {
    await stores.conversations.create(conversation())
    equal(await stores.conversations.remove('c1', 'p2'), false)
    equal(await stores.conversations.remove('c1', 'p1'), true)
    equal(await stores.conversations.remove('c1', 'p1'), false)
  },
  async 'deletes messages, turns, journal and plugin values with it, and nobody else’s'({ stores }) {
    const options = { operationId: 'o', nowMs: 0, quotaBytes: 30 }
    const place = (owner: string) => ({ plugin: 'notes', scope: 'conversation', owner }) as const
    for (const id of ['c1', 'c2']) await stores.conversations.create(conversation({ id }))
    await acceptTurn(stores, 1)
    await acceptTurn(stores, 2, 'c2')
    await stores.turns.startCalls(hold(), [call()])
    await stores.turns.startCalls(hold('t2'), [call({ id: 'call2', turnId: 't2' })])
    await stores.keyValues.set(place('c1'), 'k', 'x'.repeat(20), options)
    await stores.conversations.remove('c1', 'p1')
    equal(await stores.messages.find('m1'), undefined)
    equal(await stores.turns.find('t1'), undefined)
    equal(await stores.turns.calls('t1'), [])
    equal(await stores.keyValues.get(place('c1'), 'k', 0), undefined)
    await stores.keyValues.set(place('c2'), 'k', 'x'.repeat(20), { ...options, operationId: 'p' })
    equal(ids(await stores.messages.recent('c2', 9)), 'm2')
    equal(ids(await stores.turns.calls('t2')), 'call2')
  },
  async 'refuses later writes of a turn whose conversation was deleted'({ stores }) {
    await stores.conversations.create(conversation())
    await acceptTurn(stores, 1)
    await stores.turns.startCalls(hold(), [call()])
    await stores.conversations.remove('c1', 'p1')
    await refused(stores.messages.append(message({ id: 'r1', role: 'assistant' })), 'database.conflict')
    await refused(stores.messages.setStatus('m1', 'answered'), 'database.conflict')
    await refused(stores.turns.end(hold(), { state: 'answered', endedAt: 2000 }), 'database.conflict')
    await refused(stores.turns.startCalls(hold(), [call({ id: 'call2' })]), 'database.conflict')
    await stores.turns.endCall(hold(), 'call1', { outcome: { state: 'completed', output: 1 }, endedAt: 2000 })
    equal(await stores.turns.renew({ owner: 'replica1', leaseMs }), [])
  },
}
