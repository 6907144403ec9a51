import { type Token, token } from '../../token.ts'

/** Secret values by the name that settings and plugins use (`OPENAI_KEY`). */
export interface Secrets {
  /** The value, or undefined where there is none of that name. */
  get(name: string): Promise<string | undefined>
}
export const Secrets: Token<Secrets> = token('Secrets')
