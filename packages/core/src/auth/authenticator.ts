import { type Token, token } from '../token.ts'
import type { Principal } from './principal.ts'

export interface Authenticator {
  /** Whose credential this is; undefined where it is not valid (wrong, expired, revoked) — the reasons look alike. */
  authenticate(credential: string): Promise<Principal | undefined>
}
export const Authenticator: Token<Authenticator> = token('Authenticator')
