import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { covent, json } from './support/command.ts'
import { startServer } from './support/server.ts'

const insert = `insert into outbox
  (consumer, event_id, type, key, payload, created_at, state, due_at, attempts, fence, error)
  values ('memories', ?, 'conversation.ended', 'c1', '{"conversationId":"c1","principalId":"p1"}', 0, 'dead', 60000, 10, 1, 'Error: broken')`

it('lists dead letters, and has them dealt with after all', async () => {
  const { home } = await startServer()
  const db = new DatabaseSync(join(home, 'data', 'covent.db'), { timeout: 5_000 })
  for (const id of ['evt_1', 'evt_2']) db.prepare(insert).run(id)
  const ids = async (...words: string[]): Promise<string[]> =>
    json<{ id: string }[]>(await covent(home, ['events', 'dead', '--json', ...words])).map(({ id }) => id)
  expect(await ids()).toEqual(['evt_1', 'evt_2'])
  expect(await ids('--consumer', 'other')).toEqual([])
  expect((await covent(home, ['events', 'dead'])).stdout).toContain('Error: broken')
  const one = await covent(home, ['events', 'redrive', 'memories', 'evt_1', '--json'])
  expect([one.code, json(one)]).toEqual([0, { count: 1 }])
  expect((await covent(home, ['events', 'redrive', 'memories'])).stdout).toBe('One event is tried again.\n')
  expect(await ids()).toEqual([])
  await expect
    .poll(() => db.prepare('select count(*) as n from outbox').get()?.['n'], { timeout: 5_000 })
    .toBe(0)
  db.close()
  expect(await covent(home, ['events', 'redrive'])).toMatchObject({ code: 2 })
})
