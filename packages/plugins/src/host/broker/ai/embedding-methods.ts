import { estimatedTokens, PluginError } from '@covent/core'
import * as z from 'zod'
import { type BrokerMethod, lifeOf, type MethodRequest } from '../broker-method.ts'
import type { Mind } from './mind.ts'
import { allowedModel, reserveFor, wantedModel } from './model-wish.ts'

const permission = 'ai:embedding' as const
/** Together: the local embedder works on the server's own thread. */
const charactersCap = 100_000

const paramsSchema = z.strictObject({
  texts: z
    .array(z.string().max(8_000))
    .max(64)
    .refine((texts) => texts.reduce((sum, { length }) => sum + length, 0) <= charactersCap, {
      message: `more than ${charactersCap} characters together`,
    }),
  model: z.string().max(100).optional(),
})

const parse = (raw: unknown): z.output<typeof paramsSchema> => {
  const result = paramsSchema.safeParse(raw)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.embeddings: ${path.map(String).join('.')}: ${message}`)
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

const embed = async (request: MethodRequest, mind: Mind): Promise<unknown> => {
  const { embeddings } = mind
  const { texts, model } = parse(request.params)
  const wish = { permission, model, defaultId: embeddings.defaultId }
  const embedder = embeddings.get(allowedModel(request, wish))
  const most = texts.reduce((sum, text) => sum + estimatedTokens(text), 0)
  const settle = await reserveFor(request, mind, { permission, cost: { tokens: most, money: 0 } })
  const { vectors, tokens } = await embedder.embed(texts, { signal: lifeOf(request) })
  await settle({ tokens, money: 0 })
  return vectors.map(bytesOf)
}

/** `ctx.embeddings`, on the host's side. */
export const embeddingMethods = (mind: Mind): Readonly<Record<string, BrokerMethod>> => ({
  'embeddings.embed': {
    permission,
    wanted: wantedModel(permission, 'ctx.embeddings'),
    run: (request) => embed(request, mind),
  },
})
