import * as z from 'zod'
import type { HookBase } from '../contract/context.ts'
import type { Ai } from '../contract/facets/ai.ts'
import type { TextEmbedder } from '../contract/facets/embeddings.ts'
import type { Http } from '../contract/facets/http.ts'
import type { KeyValues } from '../contract/facets/key-values.ts'
import { elizaFetch } from './eliza-fetch.ts'
import { useModel } from './eliza-models.ts'
import type { ElizaMemory, ElizaRuntime, ElizaState } from './shape.ts'

/** What permissions unlock of a context, as far as this needs it. */
interface ElizaFacets {
  readonly kv?: KeyValues
  readonly http?: Http<string>
  readonly ai?: Ai
  readonly embeddings?: TextEmbedder
}

/** A context with what this needs of it; each facet is there where its permission is asked for. */
export interface ElizaContext extends HookBase, ElizaFacets {
  readonly config: Readonly<Record<string, unknown>>
  readonly optional: ElizaFacets
}

export const emptyState: ElizaState = { text: '', values: {}, data: {} }

/** Says at once what is missing, where `undefined is not a function` would leave an author to guess. */
const refusing = <T extends object>(offered: T): T =>
  new Proxy(offered, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name === 'then' || name in target)
        return Reflect.get(target, name, receiver)
      throw new Error(`runtime.${name} is not offered to wrapped plugins; use definePlugin for what needs it`)
    },
  })

const valuesOf = ({ kv, optional }: ElizaContext): KeyValues => {
  const values = kv ?? optional.kv
  if (values === undefined) throw new Error('runtime.cacheManager needs the permission data:database')
  return values
}

const httpOf = ({ http, optional }: ElizaContext): Http<string> => {
  const found = http ?? optional.http
  if (found === undefined) throw new Error('runtime.fetch needs the permission net:outbound:https')
  return found
}

/** The classic runtime over a context. */
export const elizaRuntime = (
  context: ElizaContext,
  services: ReadonlyMap<string, unknown>,
  character: string,
): ElizaRuntime =>
  refusing<ElizaRuntime>({
    agentId: character,
    character: { name: character },
    logger: context.log,
    getSetting: (name: string) => (Object.hasOwn(context.config, name) ? context.config[name] : undefined),
    getService: (type: string) => services.get(type),
    fetch: (url, options) => elizaFetch(httpOf(context))(url, options),
    useModel: (kind, params) => {
      const { ai = context.optional.ai, embeddings = context.optional.embeddings } = context
      return useModel({ ai, embeddings }, kind, params)
    },
    composeState: () => Promise.resolve(emptyState),
    cacheManager: {
      get: (key: string) => valuesOf(context).get(key, z.unknown()),
      set: (key: string, value: unknown) => valuesOf(context).set(key, value),
      delete: (key: string) => valuesOf(context).delete(key),
    },
  })

interface Said {
  readonly turnId: string
  readonly principalId: string
  readonly conversationId?: string | undefined
  readonly character: string
  readonly text: string
}

export const elizaMessage = ({
  turnId,
  principalId,
  conversationId = '',
  character,
  text,
}: Said): ElizaMemory => ({
  id: turnId,
  userId: principalId,
  entityId: principalId,
  roomId: conversationId,
  agentId: character,
  content: { text },
})
