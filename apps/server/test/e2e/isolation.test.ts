import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { clientOf, startServer } from './support.ts'

describeWith('bubblewrap', 'the isolation that an operator sets', () => {
  it('runs a plugin that is named in the server’s own process, and says so', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'covent.json'), `{ isolation: { inline: ['covent.clock'] } }`)
    const server = await startServer(home)
    expect(server.ready).toMatchObject({
      isolationFirstParty: 'process',
      plugins: expect.arrayContaining([
        expect.objectContaining({ id: 'covent.clock', state: 'ready', isolation: 'inline' }),
        expect.objectContaining({ state: 'ready', isolation: 'process' }),
      ]) as unknown,
    })
    const { post } = await clientOf(server, home)
    const messages = [{ role: 'user', content: 'What time is it in Tokyo?' }]
    const response = await post('/v1/chat/completions', { model: 'covent/assistant', messages })
    expect(await response.text()).toMatch(/\d\d:\d\d/)
  })
})
