import { type Token, token } from '../token.ts'

/** This process among those that serve together on one database. */
export interface Replica {
  /** Another at each start. */
  readonly id: string
}
export const Replica: Token<Replica> = token('Replica')
