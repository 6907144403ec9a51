import type { DeviceRecord } from './device-store.ts'

/** A sign-in of a device. One that has ended is there no more. */
export interface SessionRecord {
  readonly id: string
  /** SHA-256 of its token, hex. */
  readonly hash: string
  readonly deviceId: string
  readonly createdAt: number
  readonly lastUsedAt: number
  /** When it ends at the latest. */
  readonly endsAt: number
  /** Until when its second factor counts as proved; in the past where it is not. */
  readonly provenUntil: number
}

export interface SessionStore {
  /** Forgets those that ended before it was made. */
  create(session: SessionRecord): Promise<void>
  /** With the device whose it is. */
  findByHash(
    hash: string,
  ): Promise<{ readonly session: SessionRecord; readonly device: DeviceRecord } | undefined>
  /** Of one device, or of all; oldest first. */
  list(deviceId?: string): Promise<readonly SessionRecord[]>
  /** Notes a use; may be written late. */
  touch(id: string, at: number): Promise<void>
  /** Notes that its second factor was proved. */
  prove(id: string, until: number): Promise<void>
  /** False where there is none of that id. */
  end(id: string): Promise<boolean>
  /** Names this installation for as long as its database lives; the same for all replicas. */
  instanceId(): Promise<string>
}
