import * as z from 'zod'
import type { HookBase } from '../contract/context.ts'
import type { KeyValues } from '../contract/facets/key-values.ts'
import type { ElizaMemory, ElizaRuntime, ElizaState } from './shape.ts'

/** A context with what this needs of it; `kv` is there where `data:database` is granted. */
export interface ElizaContext extends HookBase {
  readonly config: Readonly<Record<string, unknown>>
  readonly kv?: KeyValues
  readonly optional: { readonly kv?: KeyValues }
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

/** The classic runtime over a context. */
export const elizaRuntime = (
  context: ElizaContext,
  services: ReadonlyMap<string, unknown>,
  character: string,
): ElizaRuntime =>
  refusing({
    agentId: character,
    character: { name: character },
    logger: context.log,
    getSetting: (name: string) => (Object.hasOwn(context.config, name) ? context.config[name] : undefined),
    getService: (type: string) => services.get(type),
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
