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
