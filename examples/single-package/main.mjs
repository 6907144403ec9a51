import { silentLogger } from '@covent/core'
import { memoryEventBus } from '@covent/events'

/**
 * The events of this program; nothing of Covent's own.
 *
 * @typedef {{ 'order.placed': { id: number, cents: number }, 'order.paid': { id: number } }} ShopEvents
 */

/** @type {import('@covent/core').Logger} */
const logger = {
  ...silentLogger,
  error: (message, fields) => console.log(`${message}:`, fields?.type, String(fields?.error)),
}

/** @type {import('@covent/core').EventBus<ShopEvents>} */
const bus = memoryEventBus({ logger })

bus.on('order.placed', () => {
  throw new Error('the printer is out of paper')
})
bus.on('order.placed', ({ id, cents }) => {
  console.log(`order ${id} placed: ${(cents / 100).toFixed(2)}`)
  bus.emit('order.paid', { id })
})

const paid = bus.waitFor('order.paid', { where: ({ id }) => id === 2, timeoutMs: 1000 })
for (const id of [1, 2]) bus.emit('order.placed', { id, cents: id * 1250 })
console.log(`order ${(await paid).id} paid`)

const { emits, errors } = bus.stats()['order.placed']
console.log(`${emits} orders, ${errors} failures of a handler, and the others never noticed`)
