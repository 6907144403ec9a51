import type { SessionRecord } from '../stores/identity/session-store.ts'
import { type Token, token } from '../token.ts'

/** Codes of an authenticator (TOTP), which devices that have enrolled give before they change the server. */
export interface SecondFactors {
  /** A new secret in place of an earlier one, seen this once. It asks for nothing until a code of it has been proved. */
  enrol(deviceId: string): Promise<{ readonly secret: string; readonly uri: string }>
  /**
   * Takes a code, each once, and gives how long the session is trusted with what changes the server; the first one puts a
   * new secret in force. Throws `auth.code-invalid`, or `auth.too-soon` in the pause after a wrong one.
   */
  prove(session: SessionRecord, code: string): Promise<{ readonly provenUntil: number }>
  /** False where there is none. */
  remove(deviceId: string): Promise<boolean>
  /** Whether the session has to prove itself before it changes the server. */
  isOwed(session: SessionRecord): Promise<boolean>
}
export const SecondFactors: Token<SecondFactors> = token('SecondFactors')
