import type { BrokerMethod } from '../broker-method.ts'
import { aiMethods } from './ai-methods.ts'
import { embeddingMethods } from './embedding-methods.ts'
import { memoryMethods } from './memory-methods.ts'
import type { Mind } from './mind.ts'

/** `ctx.ai`, `ctx.embeddings` and `ctx.memory`, on the host's side. */
export const mindMethods = (mind: Mind): Readonly<Record<string, BrokerMethod>> => ({
  ...aiMethods(mind),
  ...embeddingMethods(mind),
  ...memoryMethods(mind),
})
