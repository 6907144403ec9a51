import type { ActionEffect } from '../stores/turn-store.ts'

/** A JSON Schema object (draft 2020-12), as zod 4 writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What an action is to those who choose and call it; from the plugin's manifest. */
export interface ActionSpec {
  /** Id of the plugin, `acme.weather`. */
  readonly plugin: string
  /** Name within the plugin, `get_current_time`. */
  readonly name: string
  readonly title?: string
  readonly description: string
  readonly aliases: readonly string[]
  readonly examples: readonly { readonly user: string; readonly input?: unknown }[]
  readonly input: JsonSchema
  readonly output: JsonSchema
  readonly effect: ActionEffect
}

/**
 * Whether an operator's list names an action: as `plugin.id/action`, or by its name alone where its plugin is the server's own.
 * A stranger's plugin may give its actions any name.
 */
export const isNamedIn = (
  allow: { has(name: string): boolean },
  { plugin, name }: Pick<ActionSpec, 'plugin' | 'name'>,
): boolean => allow.has(`${plugin}/${name}`) || (plugin.startsWith('covent.') && allow.has(name))
