import type { TextEmbedder } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>

/** Vectors come as bytes, of the same machine's order, each in a buffer of its own. */
const floatsOf = ({ buffer, byteLength }: Uint8Array): Float32Array =>
  new Float32Array(buffer, 0, byteLength / Float32Array.BYTES_PER_ELEMENT)

/** The plugin's side of `ctx.embeddings`. */
export const textEmbedder = (ask: Ask): TextEmbedder => ({
  async embed(texts, { model } = {}) {
    return ((await ask('embeddings.embed', { texts, model })) as readonly Uint8Array[]).map(floatsOf)
  },
})
