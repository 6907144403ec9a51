import type { Stores } from '@covent/core'
import { equal, ids, refused } from './assert.ts'
import { acceptTurn, conversation, message, reply } from './records.ts'
import type { Cases } from './stores-suite.ts'

const oddTexts = ['', ' \n\t', 'a\0b', '日本 👩‍👩‍👧 ‮', `'; drop table messages; --`, 'x'.repeat(100_000)]

const conversationOf = async (stores: Stores, turns: number): Promise<void> => {
  await stores.conversations.create(conversation())
  for (let n = 1; n <= turns; n++) await acceptTurn(stores, n)
}

const readAll = async (stores: Stores, limit: number, cursor?: string): Promise<string> => {
  const page = await stores.messages.page('c1', { limit, cursor })
  if (page.nextCursor === undefined) return ids(page.items)
  return `${ids(page.items)} | ${await readAll(stores, limit, page.nextCursor)}`
}

export const messageCases: Cases = {
  async 'keeps a message as it was, whatever its text'({ stores }) {
    await stores.conversations.create(conversation())
    for (const [n, text] of oddTexts.entries()) {
      const kept = message({ id: `m${n}`, text, error: { code: 'a.b', message: text } })
      await stores.messages.append(kept)
      equal(await stores.messages.find(`m${n}`), kept)
    }
    equal(await stores.messages.find('m99'), undefined)
  },
  async 'refuses a second message of the same id, and one of no conversation'({ stores }) {
    await conversationOf(stores, 1)
    await refused(stores.messages.append(message({ text: 'other' })), 'database.conflict')
    await refused(stores.messages.append(message({ id: 'm2', conversationId: 'c2' })), 'database.conflict')
    equal((await stores.messages.find('m1'))?.text, 'question 1')
  },
  async 'takes one reply per turn'({ stores }) {
    await conversationOf(stores, 1)
    await stores.messages.append(reply(1))
    await stores.messages.append(message({ id: 'a1', role: 'action' }))
    await refused(stores.messages.append({ ...reply(1), id: 'r9' }), 'database.conflict')
    equal(await readAll(stores, 9), 'm1 r1 a1')
  },
  async 'changes a status, with its error and without'({ stores }) {
    await conversationOf(stores, 1)
    const error = { code: 'model.timeout', message: 'too slow' }
    await stores.messages.setStatus('m1', 'failed', error)
    const failed = await stores.messages.find('m1')
    equal([failed?.status, failed?.error], ['failed', error])
    await stores.messages.setStatus('m1', 'answered')
    equal(await stores.messages.find('m1'), message({ text: 'question 1', status: 'answered' }))
    await refused(stores.messages.setStatus('m9', 'answered'), 'database.conflict')
  },
  async 'pages in the order of appending, whatever the times say'({ stores }) {
    await stores.conversations.create(conversation())
    for (const [n, id] of ['z', 'b', 'a', 'y', 'c'].entries())
      await stores.messages.append(message({ id, createdAt: 1000 - n }))
    equal(await readAll(stores, 2), 'z b | a y | c')
    equal(await readAll(stores, 5), 'z b a y c')
    equal((await stores.messages.page('c9', { limit: 5 })).items, [])
  },
  async 'goes on after a cursor with messages that came meanwhile'({ stores }) {
    await conversationOf(stores, 3)
    const { nextCursor } = await stores.messages.page('c1', { limit: 2 })
    await stores.messages.append(reply(1))
    equal(await readAll(stores, 9, nextCursor), 'm3 r1')
  },
  async 'refuses a cursor that it did not give for this conversation'({ stores }) {
    await conversationOf(stores, 3)
    const { nextCursor } = await stores.messages.page('c1', { limit: 1 })
    await stores.conversations.create(conversation({ id: 'c2' }))
    await refused(stores.messages.page('c2', { limit: 1, cursor: nextCursor }), 'validation.failed')
    for (const cursor of ['', 'm9', '0', '-1', "' or 1=1 --"])
      await refused(stores.messages.page('c1', { limit: 1, cursor }), 'validation.failed')
  },
  async 'gives the last messages, turn by turn, oldest first'({ stores }) {
    await conversationOf(stores, 3)
    for (const n of [2, 1]) await stores.messages.append(reply(n))
    equal(ids(await stores.messages.recent('c1', 99)), 'm1 r1 m2 r2 m3')
    equal(ids(await stores.messages.recent('c1', 2)), 'r2 m3')
    equal(ids(await stores.messages.recent('c9', 2)), '')
  },
  async 'gives a turn only what stands before it, with replies that came later'({ stores }) {
    await conversationOf(stores, 4)
    for (const n of [1, 2]) await stores.messages.append(reply(n))
    equal(ids(await stores.messages.recent('c1', 99, 't3')), 'm1 r1 m2 r2')
    equal(ids(await stores.messages.recent('c1', 3, 't3')), 'r1 m2 r2')
    equal(ids(await stores.messages.recent('c1', 99, 't2')), 'm1 r1')
    equal(ids(await stores.messages.recent('c1', 99, 't1')), '')
  },
  async 'gives nothing before a turn of another conversation'({ stores }) {
    await conversationOf(stores, 1)
    await stores.conversations.create(conversation({ id: 'c2' }))
    await acceptTurn(stores, 2, 'c2')
    equal(ids(await stores.messages.recent('c1', 99, 't2')), '')
  },
}
