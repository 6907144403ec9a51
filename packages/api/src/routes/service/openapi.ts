import * as z from 'zod'
import { type Route, route } from '../../http/route.ts'
import { openApiDocument } from '../../openapi.ts'

export const openApiRoutes = (routes: readonly Route[]) => {
  let text: Promise<string> | undefined
  const written = async (): Promise<string> => JSON.stringify(await openApiDocument(routes))
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This document',
      scope: 'public',
      responses: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
      async handle() {
        text ??= written()
        return { status: 200, body: await text, headers: ['Content-Type', 'application/json; charset=utf-8'] }
      },
    }),
  ]
}
