import { AppError, type Budget, budgetsFor, type Cost, LimitError, type Settle } from '@covent/core'
import type { BrokerMethod, MethodRequest, Wanted } from '../broker-method.ts'
import { grantedScope } from '../granted-scope.ts'
import type { Mind } from './mind.ts'

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

/** The plugin's own by its permission, and those by which the operator caps it, the agent and the person of the call. */
const budgetsOf = (
  { asker, call }: MethodRequest,
  permission: Permission,
  { caps }: Pick<Mind, 'caps'>,
): readonly Budget[] => {
  const perDay = grantedScope(asker, permission)?.maxTokensPerDay
  const own = { name: `plugin ${asker.id} for ${permission}`, unit: 'tokens' } as const
  const { principalId, character } = call
  return [
    ...(perDay === undefined ? [] : [{ ...own, perDay }]),
    ...budgetsFor(caps, { plugin: asker.id, principalId, character }),
  ]
}

/** Takes the cost from all budgets that it counts against. The error names no person: a plugin knows pseudonyms only. */
export const reserveFor = async (
  request: MethodRequest,
  mind: Mind,
  { permission, cost }: { readonly permission: Permission; readonly cost: Cost },
): Promise<Settle> => {
  try {
    return await mind.budgets.reserve(budgetsOf(request, permission, mind), cost)
  } catch (error) {
    if (!AppError.is(error, 'limit.budget-exceeded')) throw error
    const person = `principal ${request.call.principalId}`
    throw new LimitError(error.code, error.message.replaceAll(person, 'the person of this call'), {
      cause: error,
    })
  }
}
