export { elizaLogger, elizaLogger as logger, Service } from './eliza/core-names.ts'
export type { ElizaFetch, ElizaFetchOptions, ElizaResponse } from './eliza/eliza-fetch.ts'
export { type ElizaModelParams, ModelType } from './eliza/eliza-models.ts'
export { type ElizaOptions, fromEliza } from './eliza/from-eliza.ts'
export type {
  ElizaAction,
  ElizaCallback,
  ElizaEvaluator,
  ElizaMemory,
  ElizaPlugin,
  ElizaProvider,
  ElizaRuntime,
  ElizaService,
} from './eliza/shape.ts'
