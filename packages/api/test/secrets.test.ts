import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

it('keeps secrets, lists their names, and answers with no value', async () => {
  const server = await testServer()
  const answers = [
    await server.post('/api/secrets', { name: 'OPENAI_KEY', value: 'canary-9911' }),
    await server.fetch('/api/secrets'),
    await server.fetch('/api/secrets/OPENAI_KEY', { method: 'DELETE' }),
    await server.fetch('/api/secrets/OPENAI_KEY', { method: 'DELETE' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 204, 404])
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  expect(texts[1]).toContain('OPENAI_KEY')
  expect(texts.join()).not.toContain('canary')
  expect(JSON.stringify(server.deps.lines)).not.toContain('canary')
})

it('does not repeat a value that it refuses', async () => {
  const server = await testServer()
  const refused = await server.post('/api/secrets', { name: '', value: 'canary-9911', other: 'canary-9911' })
  expect(refused.status).toBe(400)
  expect(await refused.text()).not.toContain('canary')
})

it('rotates the master key for those who may write secrets', async () => {
  const server = await testServer()
  expect((await server.fetch('/api/master-key/rotate', { method: 'POST' })).status).toBe(200)
  const reader = await server.key('owner', ['secrets:read'])
  expect((await server.fetch('/api/master-key/rotate', { method: 'POST', key: reader })).status).toBe(403)
})
