import { z } from '../packages/plugin-sdk/src/index.ts'
import { manifestSchema } from '../packages/plugin-sdk/src/manifest-schema.ts'

/** What `plugin.json` says of its package, beside what the code says of itself. */
const packaging = z.strictObject({
  $schema: z.string().max(300).optional(),
  main: z.literal('plugin.mjs').optional(),
  integrity: z.strictObject({ files: z.record(z.string(), z.string()) }).optional(),
})

/** The JSON Schema of a manifest, for editors. Rules between members stay with `manifestSchema`, which decides. */
export const manifestDocument = (): string => {
  const { properties = {}, ...schema } = z.toJSONSchema(manifestSchema, { io: 'input' })
  const { properties: more = {} } = z.toJSONSchema(packaging, { io: 'input' })
  const title = 'Manifest of a Covent plugin (plugin.json)'
  return `${JSON.stringify({ title, ...schema, properties: { ...more, ...properties } }, undefined, 2)}\n`
}
