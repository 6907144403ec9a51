import { expect, it } from 'vitest'
import { passed } from '../../src/host/monitor/passed-bytes.ts'

it.each([
  ['http.fetch', { url: 'https://api.example.com/', body: new Uint8Array(3) }, 3],
  ['http.fetch', { url: 'https://api.example.com/' }, 0],
  ['ws.send', { socket: 0, message: 'é' }, 2],
  ['ws.receive', ['ab', new Uint8Array(3)], 5],
  ['ws.receive', { socket: 0 }, 0],
  ['kv.set', { body: 'stays here' }, 0],
])('counts for %s what goes over the network: %o', (method, value, bytes) => {
  expect(passed(method, value)).toBe(bytes)
})
