import * as z from 'zod'
import type { Ai } from '../contract/facets/ai.ts'
import type { TextEmbedder } from '../contract/facets/embeddings.ts'

/** Kinds of models, by the names that classic plugins use. */
export const ModelType = {
  TEXT_SMALL: 'TEXT_SMALL',
  TEXT_LARGE: 'TEXT_LARGE',
  TEXT_EMBEDDING: 'TEXT_EMBEDDING',
  OBJECT_SMALL: 'OBJECT_SMALL',
  OBJECT_LARGE: 'OBJECT_LARGE',
} as const

export interface ElizaModelParams {
  readonly prompt?: string
  readonly text?: string
  readonly system?: string
  readonly maxTokens?: number
}

interface Minds {
  readonly ai?: Ai | undefined
  readonly embeddings?: TextEmbedder | undefined
}

const needs = (permission: string): never => {
  throw new Error(`runtime.useModel needs the permission ${permission}`)
}

const anything = z.record(z.string(), z.unknown())

/** `runtime.useModel`, answered by the models of the server. */
export const useModel = async (
  { ai, embeddings }: Minds,
  kind: string,
  params: ElizaModelParams | string,
): Promise<unknown> => {
  const { prompt, text, system, maxTokens } = typeof params === 'string' ? { prompt: params } : params
  const asked = prompt ?? text ?? ''
  if (kind === ModelType.TEXT_EMBEDDING) {
    const [vector] = await (embeddings ?? needs('ai:embedding')).embed([asked])
    return [...(vector ?? [])]
  }
  const request = {
    prompt: asked,
    ...(system !== undefined && { system }),
    ...(maxTokens !== undefined && { maxTokens }),
  }
  const model = ai ?? needs('ai:inference')
  if (kind.startsWith('OBJECT_')) return model.generateObject({ ...request, schema: anything })
  if (kind.startsWith('TEXT_')) return (await model.generate(request)).text
  throw new Error(`runtime.useModel: ${kind} is not offered; there are ${Object.keys(ModelType).join(', ')}`)
}
