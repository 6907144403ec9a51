/** All secrets as one text, which says nothing without the key and cannot be changed in part. */
export interface SealedSecrets {
  /** Counts the writes from 1. */
  readonly generation: number
  readonly text: string
}

/** Where servers that share a database share their secrets. The keys are never there. */
export interface SecretStore {
  /** The last that was written. */
  read(): Promise<SealedSecrets | undefined>
  /** Puts it in the place of the generation before; false where another one stands there, as somebody else was first. */
  replace(next: SealedSecrets): Promise<boolean>
}
