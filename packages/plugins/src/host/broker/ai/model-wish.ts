import type { Budget } from '@covent/core'
import type { BrokerMethod, MethodRequest, Wanted } from '../broker-method.ts'
import { grantedScope } from '../granted-scope.ts'

type Permission = 'ai:inference' | 'ai:embedding'

/** How a request for a model is told, and refused: by the model that it names. */
export const wantedModel =
  (permission: Permission, facet: string): NonNullable<BrokerMethod['wanted']> =>
  (params): Wanted => {
    const { model } = (params ?? {}) as { readonly model?: unknown }
    if (typeof model !== 'string') return { permission, target: facet }
    return { permission, target: model.slice(0, 100), scope: { models: [model.slice(0, 100)] } }
  }

export interface ModelWish {
  readonly permission: Permission
  /** Of the request; where there is none, the default, or the first that the permission names. */
  readonly model: string | undefined
  readonly defaultId: string
}

/** Which model is asked: throws where the permission does not name it. */
export const allowedModel = (request: MethodRequest, { permission, model, defaultId }: ModelWish): string => {
  const allowed = grantedScope(request.asker, permission)?.models
  if (allowed === undefined) return model ?? defaultId
  const id = model ?? (allowed.includes(defaultId) ? defaultId : (allowed[0] ?? defaultId))
  if (allowed.includes(id)) return id
  throw request.deny({ permission, target: id, scope: { models: [id] } })
}

/** What the permission leaves the plugin in a day; it has no such budget where none is named. */
export const budgetsOf = ({ asker }: MethodRequest, permission: Permission): readonly Budget[] => {
  const perDay = grantedScope(asker, permission)?.maxTokensPerDay
  return perDay === undefined
    ? []
    : [{ name: `plugin ${asker.id} for ${permission}`, unit: 'tokens', perDay }]
}

/** UTF-8 bytes of a token, at the least, in usual text: a reservation is rather too large. */
const bytesPerToken = 2

/** Tokens that texts may come to. */
export const tokensOf = (...texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / bytesPerToken), 0)
