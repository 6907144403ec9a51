import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { checkMessages, checkNotes, settled, writer } from '../faults/writers.ts'
import { clientOf, startServer } from './support.ts'

describeWith('bubblewrap', 'kill -9 in the middle of turns, at random points', () => {
  it('loses no accepted message and answers none twice', async () => {
    const home = temporaryFolder()
    let server = await startServer(home)
    const { key, post } = await clientOf(server, home)
    const ids: string[] = []
    for (let n = 0; n < 4; n++)
      ids.push(((await (await post('/api/conversations', {})).json()) as { id: string }).id)
    const writers = ids.map((id) => writer(id, () => server.ready.url, key))
    const running = writers.map(({ run }) => run())
    for (let kills = 0; kills < 8; kills++) {
      await sleep(50 + Math.random() * 400)
      await server.kill()
      server = await startServer(home)
    }
    for (const { stop } of writers) stop()
    await Promise.all(running)
    const stored = await settled(server.ready.url, key, ids)
    expect(writers.flatMap(({ sent }) => sent).filter(({ accepted }) => accepted).length).toBeGreaterThan(20)
    checkMessages(writers, stored)
    expect(await checkNotes(server.ready.url, key, stored)).toBeGreaterThan(3)
  })
})
