import { rulesModel } from '@covent/models'
import { modelSuite } from '@covent/models/testing'
import * as vitest from 'vitest'
import { startProvider, wellBehaved } from './support/provider.ts'

modelSuite(vitest, 'rules', async () => ({ model: rulesModel(), close: async () => undefined }))

modelSuite(vitest, 'openai-compatible', async () => {
  const provider = await startProvider(wellBehaved)
  return { model: provider.model(), close: provider.close }
})
