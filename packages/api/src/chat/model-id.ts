import { type AgentRuntime, ModelError } from '@covent/core'

const prefix = 'covent/'

export const modelIdOf = (character: string): string => `${prefix}${character}`

/** The character behind `covent/<character>`. */
export const characterOf = ({ characters }: Pick<AgentRuntime, 'characters'>, model: string): string => {
  const character = model.startsWith(prefix) ? model.slice(prefix.length) : undefined
  if (character !== undefined && characters.includes(character)) return character
  const known = characters.map(modelIdOf).join(', ')
  throw new ModelError('model.not-found', `There is no such model here; there is ${known}.`, {
    data: { param: 'model' },
  })
}
