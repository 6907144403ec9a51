import type { ConversationRemovalQueries, Some } from '../queries/conversation-removal.ts'
import type { Session } from '../session.ts'

/**
 * Deletes conversations piece by piece, so that other writers get their turn. The first piece takes the conversation
 * from its principal: from then on it is there for nobody, and its own row goes last.
 */
export interface ConversationRemoval {
  /** False where the principal has none of that id. `along` writes in the unit that takes it from the principal. */
  remove(id: string, principalId: string, along?: (unit: Session) => Promise<void>): Promise<boolean>
  /** Goes on with what a process that died had begun. */
  finish(): Promise<void>
}

/** Rows of each kind that one unit of work deletes. */
const limit = 500

export const conversationRemoval = (
  session: Session,
  queries: ConversationRemovalQueries,
): ConversationRemoval => {
  const removeValues = async (unit: Session, some: Some): Promise<number> => {
    const removed = await unit.all(queries.values, some)
    const freed = new Map<string, number>()
    for (const { plugin, size_bytes } of removed) freed.set(plugin, (freed.get(plugin) ?? 0) + size_bytes)
    for (const [plugin, bytes] of freed) await unit.run(queries.discount, { plugin, bytes })
    return removed.length
  }
  const removeMemories = async (unit: Session, some: Some): Promise<number> => {
    const removed = await unit.all(queries.memories, some)
    const people = new Map<string, number>()
    for (const { principal_id } of removed) people.set(principal_id, (people.get(principal_id) ?? 0) + 1)
    for (const [principal_id, memories] of people)
      await unit.run(queries.forgotten, { principal_id, memories })
    return removed.length
  }
  /** True once nothing of it is left. */
  const removePiece = async (unit: Session, id: string): Promise<boolean> => {
    const some = { id, limit }
    for (const kind of [queries.calls, queries.turns, queries.messages])
      if ((await unit.run(kind, some)) === limit) return false
    if ((await removeValues(unit, some)) === limit) return false
    if ((await removeMemories(unit, some)) === limit) return false
    await unit.run(queries.conversation, { id })
    return true
  }
  const removeRest = async (id: string): Promise<void> => {
    while (!(await session.atomically((unit) => removePiece(unit, id))));
  }
  return {
    async remove(id, principalId, along) {
      const state = await session.atomically(async (unit) => {
        if ((await unit.run(queries.detach, { id, principal_id: principalId })) === 0) return 'absent'
        await along?.(unit)
        return (await removePiece(unit, id)) ? 'gone' : 'begun'
      })
      if (state === 'begun') await removeRest(id)
      return state !== 'absent'
    },
    async finish() {
      for (const { id } of await session.all(queries.detached, {})) await removeRest(id)
    },
  }
}
