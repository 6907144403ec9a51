import * as z from 'zod'
import type { ApiDeps } from '../../api-deps.ts'
import { modelIdOf } from '../../chat/model-id.ts'
import { route } from '../../http/route.ts'

const modelSchema = z
  .object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() })
  .meta({ id: 'Model' })

const modelOf = (character: string) => ({
  id: modelIdOf(character),
  object: 'model' as const,
  created: 0,
  owned_by: 'covent',
})

export const modelRoutes = ({ runtime }: Pick<ApiDeps, 'runtime'>) => [
  route({
    method: 'GET',
    path: '/v1/models',
    operationId: 'listModels',
    summary: 'Characters as models, in the shape of OpenAI',
    scope: 'models:read',
    responses: {
      200: {
        description: 'All of them',
        schema: z.object({ object: z.literal('list'), data: z.array(modelSchema) }),
      },
    },
    handle: () => ({ status: 200, body: { object: 'list', data: runtime.characters.map(modelOf) } }),
  }),
]
