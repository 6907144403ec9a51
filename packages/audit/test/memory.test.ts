import { memoryAuditLog } from '@covent/audit'
import { fakeClock } from '@covent/testing'
import { expect, it } from 'vitest'

it('forgets the oldest first, calls and changes each among themselves', async () => {
  const audit = memoryAuditLog({ clock: fakeClock(), capacity: 2 })
  const entry = {
    actor: { kind: 'system', id: 'covent' },
    action: 'plugin.start',
    outcome: 'allowed',
  } as const
  await audit.record({ ...entry, target: 'recorded' })
  for (const target of ['1', '2', '3']) audit.note({ ...entry, target })
  const { items } = await audit.list({ limit: 9, from: 'start' })
  expect(items.map(({ target }) => target)).toEqual(['recorded', '2', '3'])
  expect(items.map(({ seq }) => seq)).toEqual([1, 3, 4])
})
