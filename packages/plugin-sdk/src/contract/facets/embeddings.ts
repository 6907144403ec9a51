export interface EmbeddingOptions {
  /** One of the permission's `models`; the server's default one, or the first of them, when absent. */
  readonly model?: string
}

/** Turns texts into vectors. Over `maxTokensPerDay` (a day is UTC's) calls reject with `limit.budget-exceeded`. */
export interface TextEmbedder {
  /**
   * A vector of unit length for each text, in their order: alike texts have a large dot product. Up to 64 texts of 8,000
   * characters, 100,000 together. Compare vectors of the same model only.
   */
  embed(texts: readonly string[], options?: EmbeddingOptions): Promise<readonly Float32Array[]>
}
