import type { DeviceRecord } from '../stores/identity/device-store.ts'
import type { SessionRecord } from '../stores/identity/session-store.ts'
import { type Token, token } from '../token.ts'
import type { Principal, Role } from './principal.ts'

/** What a device signs, together with the origin that it believes to speak to. */
export interface Challenge {
  readonly challenge: string
  readonly expiresAt: number
}

/** That a device holds its private key, and means this server by it. */
export interface Proof {
  readonly challenge: string
  /** Of `covent/pair` or `covent/session`, the origin and the challenge, in lines; base64url. */
  readonly signature: string
  /** Of this server, as the request named it. */
  readonly origin: string
}

export interface PairingOffer {
  /** What the owner reads to the device. */
  readonly code: string
  readonly expiresAt: number
}

export interface NewDevice {
  readonly code: string
  readonly name: string
  /** Ed25519 or P-256, as SPKI in DER, base64. */
  readonly publicKey: string
  readonly proof: Proof
}

/** Pairing: a device brings a public key, and its owner a code that he sees elsewhere. */
export interface Devices {
  /** Costs nothing to keep: it is known again by its own seal. Answered once at most. */
  challenge(): Challenge
  /** Makes the one live code; an earlier one is gone. */
  offer(request: { readonly role: Role; readonly issuer: string }): Promise<PairingOffer>
  /** Throws `auth.proof-invalid`, `auth.code-invalid` or, between two tries, `auth.too-soon`. */
  pair(device: NewDevice): Promise<DeviceRecord>
  list(): Promise<readonly DeviceRecord[]>
  /** Its sessions end with it; false where there is no such live device. */
  revoke(id: string): Promise<boolean>
}
export const Devices: Token<Devices> = token('Devices')

export interface OpenedSession extends SessionRecord {
  /** Its text, seen this once. */
  readonly token: string
}

/** Sign-ins of devices. */
export interface Sessions {
  /** Always a new one. Throws `auth.proof-invalid`, alike for an unknown device, a revoked one and a used challenge. */
  open(deviceId: string, proof: Proof): Promise<OpenedSession>
  /** Whose session it is; undefined where it has ended, by whatever reason. Asks the store each time. */
  find(
    sessionToken: string,
  ): Promise<{ readonly principal: Principal; readonly session: SessionRecord } | undefined>
  /** Live ones, of one device or of all. */
  list(deviceId?: string): Promise<readonly SessionRecord[]>
  end(id: string): Promise<boolean>
  instanceId(): Promise<string>
}
export const Sessions: Token<Sessions> = token('Sessions')
