import { type Model, ModelError, type Models, PluginError, type Usage } from '@covent/core'
import * as z from 'zod'
import { type Asker, type BrokerMethod, lifeOf, type MethodRequest, type Wanted } from '../broker-method.ts'
import { declared } from '../network-policy.ts'
import type { TokenBudget } from './token-budget.ts'

export interface AiServices {
  readonly models: Models
  readonly budget: TokenBudget
}

const permission = 'ai:inference' as const
/** Fewer characters than a token has in any usual text, so that a reservation is rather too large. */
const charactersPerToken = 2
const textCap = 400_000

const paramsSchema = z.strictObject({
  prompt: z.string().min(1).max(200_000),
  system: z.string().max(50_000).optional(),
  maxTokens: z.int().min(1).max(32_000).default(1_024),
  model: z.string().max(100).optional(),
})
type Params = z.output<typeof paramsSchema>

const parse = (raw: unknown): Params => {
  const result = paramsSchema.safeParse(raw)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.ai: ${path.map(String).join('.')}: ${message}`)
}

const wanted = (raw: unknown): Wanted => {
  const { model } = (raw ?? {}) as { readonly model?: unknown }
  if (typeof model !== 'string') return { permission, target: 'ctx.ai' }
  return { permission, target: model.slice(0, 100), scope: { models: [model.slice(0, 100)] } }
}

/** What the granted permissions allow: all models where one of them names none, the smallest budget. */
const scopeOf = (asker: Asker) => {
  const scopes =
    asker.manifest === undefined
      ? []
      : declared(asker.manifest, asker).flatMap((set) => set[permission] ?? [])
  const named = scopes.every(({ models }) => models !== undefined)
  return {
    models: named ? scopes.flatMap(({ models }) => models ?? []) : undefined,
    perDay: Math.min(...scopes.map(({ maxTokensPerDay }) => maxTokensPerDay ?? Number.POSITIVE_INFINITY)),
  }
}

const modelFor = (models: Models, allowed: readonly string[] | undefined, { model }: Params): string => {
  if (model !== undefined) return model
  return allowed === undefined || allowed.includes(models.defaultId) ? models.defaultId : (allowed[0] ?? '')
}

const ask = async (model: Model, { prompt, system, maxTokens }: Params, signal: AbortSignal) => {
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', text: system } as const]),
    { role: 'user', text: prompt } as const,
  ]
  let text = ''
  for await (const event of model.generate({ messages, tools: [], stream: false, maxTokens }, { signal })) {
    if (event.kind === 'end') return { text, usage: event.usage }
    if (event.kind === 'text') text += event.text
    if (text.length > textCap) throw new ModelError('model.protocol', `Model ${model.id} says too much.`)
  }
  throw new ModelError('model.protocol', `Model ${model.id} stopped without an end.`)
}

const total = ({ inputTokens, outputTokens }: Usage): number => inputTokens + outputTokens

const generate = async (request: MethodRequest, { models, budget }: AiServices): Promise<unknown> => {
  const { asker, deny } = request
  const params = parse(request.params)
  const { models: allowed, perDay } = scopeOf(asker)
  const id = modelFor(models, allowed, params)
  if (allowed !== undefined && !allowed.includes(id)) throw deny(wanted({ model: id }))
  const model = models.get(id)
  const asked = Math.ceil((params.prompt.length + (params.system?.length ?? 0)) / charactersPerToken)
  const tokens = asked + params.maxTokens
  // What fails is not given back: its tokens may have been used all the same.
  const settle = Number.isFinite(perDay)
    ? await budget.reserve({ plugin: asker.id, permission, tokens, perDay })
    : undefined
  const { text, usage } = await ask(model, params, lifeOf(request))
  await settle?.(total(usage))
  return { text, model: model.id, usage }
}

/** `ctx.ai`, on the host's side. */
export const aiMethods = (services: AiServices): Readonly<Record<string, BrokerMethod>> => ({
  'ai.generate': { permission, wanted, run: (request) => generate(request, services) },
})
