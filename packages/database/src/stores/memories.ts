import { createHash } from 'node:crypto'
import { type Memory, type MemoryLimits, type MemoryStore, PluginError } from '@covent/core'
import type { MemoryQueries, ReadMemoryRow } from '../queries/memories.ts'
import type { Session } from '../session.ts'

const fromRow = (row: ReadMemoryRow): Memory => ({
  id: row.id,
  principalId: row.principal_id,
  origin: row.origin,
  text: row.text,
  isTainted: row.tainted !== 0,
  createdAt: row.created_at,
  ...(row.conversation_id !== '' && { conversationId: row.conversation_id }),
})

const toRow = (memory: Memory): ReadMemoryRow => ({
  id: memory.id,
  principal_id: memory.principalId,
  conversation_id: memory.conversationId ?? '',
  origin: memory.origin,
  text: memory.text,
  tainted: Number(memory.isTainted),
  created_at: memory.createdAt,
})

const full = (most: number, whose: string): PluginError =>
  new PluginError(
    'plugin.quota-exceeded',
    `${most} memories ${whose} are kept already, and no more; those of a conversation end with it`,
  )

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export const memoryStore = (session: Session, queries: MemoryQueries): MemoryStore => {
  const makeRoom = async (unit: Session, { principal_id, origin }: ReadMemoryRow, limits: MemoryLimits) => {
    const person = await unit.get(queries.count, { principal_id })
    if ((person?.memories ?? 0) > limits.ofPerson) throw full(limits.ofPerson, 'of this person')
    const own = await unit.get(queries.ofOrigin, { principal_id, origin })
    if ((own?.memories ?? 0) >= limits.ofOrigin) throw full(limits.ofOrigin, `of this person by ${origin}`)
  }
  return {
    add: (memory, { embedder, vector }, limits) =>
      session.atomically(async (unit) => {
        const row = { ...toRow(memory), text_hash: hashOf(memory.text) }
        const standing = await unit.get(queries.standing, row)
        if (standing !== undefined) return fromRow(standing)
        await makeRoom(unit, row, limits)
        await unit.run(queries.add, { ...row, embedder, vector: unit.vector(vector) })
        return memory
      }),
    async search({ principalId, conversationId }, { embedder, vector }, limit) {
      const wanted = { principal_id: principalId, embedder, vector: session.vector(vector), limit }
      const rows = await (conversationId === undefined
        ? session.all(queries.nearest, wanted)
        : session.all(queries.nearestWithin, { ...wanted, conversation_id: conversationId }))
      return rows
        .filter(({ score }) => score > 0)
        .map((row) => ({ ...fromRow(row), score: Math.min(1, row.score) }))
    },
    forget: ({ principalId, conversationId }) =>
      session.atomically(async (unit) => {
        const person = { principal_id: principalId }
        const forgotten = await (conversationId === undefined
          ? unit.run(queries.forgetPerson, person)
          : unit.run(queries.forget, { ...person, conversation_id: conversationId }))
        if (forgotten > 0) await unit.run(queries.discount, { ...person, forgotten })
      }),
    async foreign(principalId, embedder, limit) {
      const rows = await session.all(queries.foreign, { principal_id: principalId, embedder, limit })
      return rows.map(fromRow)
    },
    async embed(id, { embedder, vector }) {
      await session.run(queries.embed, { id, embedder, vector: session.vector(vector) })
    },
  }
}
