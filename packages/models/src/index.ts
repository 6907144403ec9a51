export { embeddings } from './lexical/embeddings.ts'
export { lexicalEmbedder } from './lexical/lexical-embedder.ts'
export { models } from './models.ts'
export { rulesModel } from './rules/rules-model.ts'
