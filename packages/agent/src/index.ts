export { agentRuntime } from './agent-runtime.ts'
export type { AgentDependencies, AgentOptions } from './dependencies.ts'
export { memoryMemories, type MemoryMemoriesOptions } from './memory/memory-memories.ts'
