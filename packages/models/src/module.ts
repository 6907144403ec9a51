import { Embeddings, Lifecycle, Models, Secrets } from '@covent/core'
import { ContainerModule } from 'inversify'
import type { ModelsConfig } from './config.ts'
import { embeddings } from './lexical/embeddings.ts'
import { models } from './models.ts'

/** Binds `Models` to what the configuration names, and `Embeddings`. */
export const modelsModule = (config: ModelsConfig): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Models).toResolvedValue(
      (secrets, lifecycle) => lifecycle.add(models(config, secrets)),
      [Secrets, Lifecycle],
    )
    bind(Embeddings).toResolvedValue(() => embeddings())
  })
