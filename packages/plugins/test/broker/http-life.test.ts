import type { Egress } from '@covent/core'
import { expect, it } from 'vitest'
import { askBroker } from './ask-broker.ts'

/** A place far away that never answers. */
const silent: Egress = {
  fetch: ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
  connect: () => Promise.reject(new Error('not asked for')),
  resolve: () => Promise.reject(new Error('not asked for')),
}

it.each([
  ['the call that wanted it ends', 'signal'],
  ['a permission of the plugin is withdrawn', 'withdrawn'],
] as const)('gives a request up when %s', async (_, which) => {
  const life = new AbortController()
  const { refusal } = askBroker({
    permissions: { 'net:outbound:https': { hosts: ['api.acme.com'] } },
    wayOut: { egress: silent, secrets: { get: async () => undefined } },
    [which]: life.signal,
  })
  const refused = refusal('http.fetch', { url: 'https://api.acme.com/', method: 'GET', headers: {} })
  await new Promise((resolve) => setImmediate(resolve))
  life.abort(new Error('it is over'))
  expect((await refused).message).toBe('it is over')
})
