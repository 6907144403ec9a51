export { agentRuntime } from './agent-runtime.ts'
export type { AgentDependencies, AgentOptions } from './dependencies.ts'
