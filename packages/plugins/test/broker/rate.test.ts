import { LimitError } from '@covent/core'
import { expect, it } from 'vitest'
import { askBroker } from './ask-broker.ts'

it('asks before each request whether the plugin may ask again', async () => {
  const left = { requests: 1 }
  const { ask, refusal } = askBroker({
    permissions: { 'data:database': {} },
    count(plugin) {
      if (left.requests-- <= 0) throw new LimitError('limit.exceeded', `${plugin} asks too often`)
      return undefined
    },
  })
  await ask('kv.set', { key: 'a', value: 1, scope: 'plugin' })
  expect(await refusal('kv.get', { key: 'a', scope: 'plugin' })).toMatchObject({
    code: 'limit.exceeded',
    message: 'acme.asker asks too often',
  })
})
