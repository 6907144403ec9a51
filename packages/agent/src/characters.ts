import type { AgentConfig } from './config.ts'

/** Who the agent is in a conversation. */
export interface Character {
  readonly id: string
  readonly systemPrompt: string
}

export interface Characters {
  readonly ids: readonly string[]
  find(id: string): Character | undefined
}

/** The characters of the configuration: for now the one default. */
export const characters = (config: Pick<AgentConfig, 'name' | 'systemPrompt'>): Characters => {
  const assistant: Character = {
    id: 'assistant',
    systemPrompt: `Your name is ${config.name}. ${config.systemPrompt}`,
  }
  const all = new Map([[assistant.id, assistant]])
  return { ids: [...all.keys()], find: (id) => all.get(id) }
}
