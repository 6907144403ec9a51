import {
  costOf,
  estimatedTokens,
  isUnanswered,
  type Model,
  ModelError,
  PluginError,
  type Usage,
} from '@covent/core'
import * as z from 'zod'
import { type BrokerMethod, lifeOf, type MethodRequest } from '../broker-method.ts'
import type { Mind } from './mind.ts'
import { allowedModel, reserveFor, wantedModel } from './model-wish.ts'

const permission = 'ai:inference' as const
/** An answer travels in one frame of 1 MiB, and a character may take three bytes. */
const textCap = 300_000

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

interface Answer {
  readonly text: string
  readonly usage: Usage
}

const ask = async (
  model: Model,
  { prompt, system, maxTokens }: Params,
  signal: AbortSignal,
): Promise<Answer> => {
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

const asked = ({ prompt, system = '' }: Params): number => estimatedTokens(prompt) + estimatedTokens(system)

/** Not every endpoint counts: where it says nothing, what was said is estimated. */
const usageOf = ({ text, usage }: Answer, params: Params): Usage =>
  usage.inputTokens + usage.outputTokens > 0
    ? usage
    : { inputTokens: asked(params), outputTokens: estimatedTokens(text) }

const generate = async (request: MethodRequest, mind: Mind): Promise<unknown> => {
  const { models } = mind
  const params = parse(request.params)
  const wish = { permission, model: params.model, defaultId: models.defaultId }
  const model = models.get(allowedModel(request, wish))
  const most = { inputTokens: asked(params), outputTokens: params.maxTokens }
  const settle = await reserveFor(request, mind, { permission, cost: costOf(model, most) })
  try {
    const answer = await ask(model, params, lifeOf(request))
    await settle(costOf(model, usageOf(answer, params)))
    return { ...answer, model: model.id }
  } catch (error) {
    if (isUnanswered(error)) await settle({ tokens: 0, money: 0 })
    throw error
  }
}

/** `ctx.ai`, on the host's side. */
export const aiMethods = (mind: Mind): Readonly<Record<string, BrokerMethod>> => ({
  'ai.generate': {
    permission,
    wanted: wantedModel(permission, 'ctx.ai'),
    run: (request) => generate(request, mind),
  },
})
