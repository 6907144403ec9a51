import { type Token, token } from '../token.ts'

export interface Embedded {
  /** One of unit length for each text, in their order; all zeros for a text that says nothing. */
  readonly vectors: readonly Float32Array[]
  /** What the texts came to. */
  readonly tokens: number
}

/** Turns texts into vectors, such that alike texts have a large dot product. */
export interface Embedder {
  /** `lexical`, or `<provider>/<model>`. Vectors of different embedders are not to be compared. */
  readonly id: string
  readonly dimensions: number
  embed(texts: readonly string[], options: { readonly signal: AbortSignal }): Promise<Embedded>
}

/** The embedders that the configuration names. */
export interface Embeddings {
  /** The embedder of that id, or the default one; throws `model.not-found`. */
  get(id?: string): Embedder
  /** Id of the default embedder. */
  readonly defaultId: string
}
export const Embeddings: Token<Embeddings> = token('Embeddings')
