import type { Route } from './http/route.ts'
import { openAiErrorSchema, problemSchema } from './schemas/problem.ts'

const pathOf = (path: string): string => path.replaceAll(/[:*](\w+)/g, '{$1}')

const content = (type: string, schema: unknown) => ({ [type]: { schema } })

const responsesOf = (route: Route): Record<string, unknown> => {
  const responses: Record<string, unknown> = {}
  for (const [status, { description, schema, also }] of Object.entries(route.responses)) {
    const types = schema === undefined ? {} : content('application/json', schema)
    for (const [type, what] of Object.entries(also ?? {}))
      Object.assign(types, content(type, { type: 'string', description: what }))
    responses[status] = { description, ...(Object.keys(types).length > 0 && { content: types }) }
  }
  const failed = route.path.startsWith('/v1/')
    ? content('application/json', openAiErrorSchema)
    : content('application/problem+json', problemSchema)
  return { ...responses, default: { description: 'It failed', content: failed } }
}

const idempotencyKey = {
  in: 'header',
  name: 'Idempotency-Key',
  schema: { type: 'string', maxLength: 255 },
  description: 'A repeat with the same body joins the first answer; with another body it gets 422.',
}

const operation = (route: Route): Record<string, unknown> => ({
  operationId: route.operationId,
  summary: route.summary,
  'x-covent-scope': route.scope,
  ...(route.owned === true && { 'x-covent-owned': true }),
  ...(route.scope === 'public'
    ? { security: [] }
    : { security: [{ key: [] }], description: `Needs the scope \`${route.scope}\`.` }),
  ...((route.params ?? route.query) && {
    requestParams: {
      ...(route.params && { path: route.params }),
      ...(route.query && { query: route.query }),
    },
  }),
  ...(route.operationId === 'postMessage' && { parameters: [idempotencyKey] }),
  ...(route.body && {
    requestBody: { required: true, content: content('application/json', route.body) },
  }),
  responses: responsesOf(route),
})

/** The OpenAPI 3.1 document of those routes. Its library is loaded by the first who asks. */
export const openApiDocument = async (routes: readonly Route[]): Promise<unknown> => {
  const { createDocument } = await import('zod-openapi')
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const place = (paths[pathOf(route.path)] ??= {})
    place[route.method.toLowerCase()] = operation(route)
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Covent', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
    paths: paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  })
}
