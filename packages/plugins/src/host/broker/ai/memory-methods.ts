import { type MemoryPlace, PluginError } from '@covent/core'
import * as z from 'zod'
import { pseudonym } from '../../../channel/pseudonym.ts'
import { type BrokerMethod, lifeOf, type MethodRequest } from '../broker-method.ts'
import { grantedScope } from '../granted-scope.ts'
import type { Mind } from './mind.ts'

const permission = 'data:memory' as const

const params = {
  search: z.strictObject({
    query: z.string().min(1).max(1_000),
    limit: z.int().min(1).max(50).default(10),
  }),
  add: z.strictObject({ text: z.string().min(1).max(2_000) }),
}

const parse = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.memory: ${path.map(String).join('.')}: ${message}`)
}

interface Half {
  readonly access: 'read' | 'write'
  readonly target: string
}
const search: Half = { access: 'read', target: 'ctx.memory.search' }
const add: Half = { access: 'write', target: 'ctx.memory.add' }

/** The scope that was granted; throws where it holds the other half alone. */
const scopeFor = (request: MethodRequest, { access, target }: Half) => {
  const scope = grantedScope(request.asker, permission)
  if (scope?.access === access || scope?.access === 'readwrite') return scope
  const needed = scope === undefined ? access : 'readwrite'
  throw request.deny({
    permission,
    target,
    scope: { access: needed, conversations: scope?.conversations ?? 'current' },
  })
}

const nothing = (what: string): PluginError => new PluginError('plugin.input-invalid', `ctx.memory: ${what}`)

/** Where this call is, as the host keeps it; the plugin has no word in it. */
const placeOf = ({ call }: MethodRequest, conversations: 'current' | 'all'): MemoryPlace => {
  const { principalId, conversationId } = call
  if (principalId === '') throw nothing('this call is on nobody’s behalf, so it has no memories')
  if (conversationId === undefined && conversations === 'current')
    throw nothing(
      'this call belongs to no conversation; "conversations": "all" reaches what is remembered of its person',
    )
  return { principalId, conversationId }
}

/** `ctx.memory`, on the host's side. */
export const memoryMethods = ({ memories }: Mind): Readonly<Record<string, BrokerMethod>> => ({
  'memory.search': {
    permission,
    wanted: () => ({ permission, target: search.target, scope: { access: search.access } }),
    async run(request) {
      const { conversations } = scopeFor(request, search)
      const { query, limit } = parse(params.search, request.params)
      const place = placeOf(request, conversations)
      const where = conversations === 'all' ? { principalId: place.principalId } : place
      const found = await memories.search(where, query, { limit, signal: lifeOf(request) })
      return found.map(({ id, text, score }) => ({ id: pseudonym(request.asker.id, id), text, score }))
    },
  },
  'memory.add': {
    permission,
    wanted: () => ({ permission, target: add.target, scope: { access: add.access } }),
    async run(request) {
      const { conversations } = scopeFor(request, add)
      const { text } = parse(params.add, request.params)
      const place = placeOf(request, conversations)
      const { id } = request.asker
      const memory = { ...place, text, origin: id, isTainted: true }
      const { id: made } = await memories.add(memory, { signal: lifeOf(request) })
      return { id: pseudonym(id, made) }
    },
  },
})
