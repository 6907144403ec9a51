export interface PageRequest {
  /** At most this many items. */
  readonly limit: number
  /** `nextCursor` of the page before; opaque. */
  readonly cursor?: string | undefined
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
}
