/** The second factor of a device: codes of an authenticator that its owner holds apart from it. */
export interface SecondFactorRecord {
  readonly deviceId: string
  /** The secret that both sides know, encrypted. */
  readonly sealed: string
  /** When a first code proved that the owner has it; it asks for nothing before. */
  readonly confirmedAt?: number
  /** The interval of the last code that was taken. */
  readonly lastStep: number
  /** Wrong codes since the last right one. */
  readonly tries: number
  /** No code counts before this time. */
  readonly nextTryAt: number
}

export interface SecondFactorStore {
  find(deviceId: string): Promise<SecondFactorRecord | undefined>
  /** Puts it in place of another one. */
  put(factor: SecondFactorRecord): Promise<void>
  /** Counts one more try than `factor` says; false where somebody else has counted, or it has gone. */
  count(factor: SecondFactorRecord, nextTryAt: number): Promise<boolean>
  /**
   * Takes the code of that interval: once, and none of an earlier one. Wrong codes are forgotten. `sealed` is how the
   * secret is kept from now on.
   */
  take(
    deviceId: string,
    taken: { readonly step: number; readonly at: number; readonly sealed: string },
  ): Promise<boolean>
  /** False where there is none. */
  remove(deviceId: string): Promise<boolean>
}
