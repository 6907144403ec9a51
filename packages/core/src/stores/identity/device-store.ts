import type { Role } from '../../auth/principal.ts'

/** A browser or a program that was paired: it acts by a private key that never leaves it. */
export interface DeviceRecord {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** Its public key as SPKI in DER, base64. */
  readonly publicKey: string
  readonly createdAt: number
  /** When the last challenge was made that it answered. */
  readonly answeredAt: number
  readonly revokedAt?: number
}

export interface DeviceStore {
  create(device: DeviceRecord): Promise<void>
  find(id: string): Promise<DeviceRecord | undefined>
  /** All, revoked ones too, oldest first. */
  list(): Promise<readonly DeviceRecord[]>
  /** Notes that a live device answered the challenge of that time; false where it has answered it or a later one. */
  answer(id: string, challengedAt: number): Promise<boolean>
  /** Ends all its sessions too; false where there is no such live device. */
  revoke(id: string, at: number): Promise<boolean>
}
