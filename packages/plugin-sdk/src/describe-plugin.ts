import * as z from 'zod'
import type { Plugin } from './contract/define-plugin.ts'
import { type Manifest, manifestSchema } from './manifest-schema.ts'

type Action = NonNullable<Plugin['definition']['actions']>[string]

const describeAction = ([name, action]: [string, Action]): object => ({
  name,
  title: action.title,
  description: action.description,
  aliases: action.aliases,
  examples: action.examples,
  input: z.toJSONSchema(action.input, { io: 'input' }),
  output: z.toJSONSchema(action.output, { io: 'output' }),
  effect: action.effect,
})

/** A plugin's manifest, read from its definition. Throws a `ZodError` where the definition breaks a rule. */
export const describePlugin = ({ definition }: Plugin): Manifest =>
  manifestSchema.parse({
    manifestVersion: 1,
    id: definition.id,
    version: definition.version,
    type: definition.type,
    title: definition.title,
    description: definition.description,
    permissions: definition.permissions,
    limits: definition.limits,
    isolation: { level: definition.isolation },
    contributes: { actions: Object.entries(definition.actions ?? {}).map(describeAction) },
  })
