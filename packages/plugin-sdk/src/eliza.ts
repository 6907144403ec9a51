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
