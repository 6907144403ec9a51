import * as z from 'zod'

/** The JSON Schema of a configuration file, for editors: what may be written, `$schema` included. */
export const jsonSchemaOf = (schema: z.ZodType): Record<string, unknown> => {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>
  const { properties } = made as { properties?: Record<string, unknown> }
  return properties === undefined
    ? made
    : { ...made, properties: { $schema: { type: 'string' }, ...properties } }
}
