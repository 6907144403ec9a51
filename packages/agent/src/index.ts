export { agentRuntime } from './agent-runtime.ts'
export type { AgentDependencies, AgentOptions } from './dependencies.ts'
export { memories, type MemoriesOptions } from './memory/memories.ts'
