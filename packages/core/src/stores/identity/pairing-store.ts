import type { Role } from '../../auth/principal.ts'

/** The one code by which a device may be paired at the moment. */
export interface PairingCodeRecord {
  /** SHA-256 of the code, hex. */
  readonly hash: string
  /** What the device will be. */
  readonly role: Role
  /** Id of the principal who let it be shown. */
  readonly issuer: string
  readonly expiresAt: number
  /** How often somebody has tried. */
  readonly tries: number
  /** No try counts before this time. */
  readonly nextTryAt: number
}

export interface PairingStore {
  /** Puts it in place of another one. */
  offer(code: PairingCodeRecord): Promise<void>
  current(): Promise<PairingCodeRecord | undefined>
  /** Counts one more try than `code` says; false where somebody else has counted, or the code has gone. */
  count(code: PairingCodeRecord, nextTryAt: number): Promise<boolean>
  /** Takes it away; of two who try, one gets true. */
  take(hash: string): Promise<boolean>
}
