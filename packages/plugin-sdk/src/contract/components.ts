import type { EventMap } from '@covent/core'

/** A turn, as one plugin sees it: ids are its pseudonyms. */
export interface Turn {
  /** Absent in a turn that belongs to no conversation. */
  readonly conversationId?: string | undefined
  readonly turnId: string
  readonly principalId: string
  readonly character: string
  /** What the person said; empty unless `data:memory` is granted. */
  readonly text: string
}

/** Adds to what the model is told before it answers. */
export interface ProviderDefinition<C> {
  readonly description?: string
  /** How long an answer may wait for it, 10 to 10,000; 2,000 when absent. */
  readonly timeoutMs?: number
  /**
   * How long a text holds, 1,000 to 3,600,000: it is not asked for again in turns of the same person, conversation and
   * character, whatever is said there. A text of each turn when absent.
   */
  readonly cacheMs?: number
  /** Text that the model gets as data, at most 8,000 characters; undefined for nothing. */
  get(turn: Turn, context: C): Promise<{ readonly text: string } | undefined>
}

/** Looks at a turn after it was answered; the answer never waits for it. */
export interface EvaluatorDefinition<C> {
  readonly description?: string
  /** Whether this turn is one for it; `evaluate` is not called where it says no. */
  when?(turn: Turn & { readonly reply: string }, context: C): boolean | Promise<boolean>
  /** `reply` is empty unless `data:memory` is granted. */
  evaluate(turn: Turn & { readonly reply: string }, context: C): Promise<void>
}

/** Events that a plugin may name under `on`. Those of other plugins are not among them: plugins talk by services. */
export type PluginEventName = Exclude<keyof EventMap, 'plugin.event'>

/** What to do at events of the server; those of `security.` are for plugins of type `system`. */
export type EventHandlers<C> = {
  readonly [K in PluginEventName]?: (event: EventMap[K], context: C) => void | Promise<void>
}

/** Something that went wrong in a component of the plugin. */
export interface PluginFailure {
  readonly code: string
  readonly message: string
  /** The component: `action/currentWeather`. */
  readonly where: string
}

export interface Health {
  readonly ok: boolean
  /** Shown to the operator. */
  readonly detail?: string
}

/** What happens to a plugin as a whole. */
export interface Lifecycle<C, Config> {
  /** Before the first call, at each start of its process; one that rejects is tried again as after a crash. */
  onLoad?(context: C): Promise<void>
  /** Before its process ends; it has five seconds. */
  onUnload?(context: C): Promise<void>
  /**
   * When the operator changed its settings while it runs; `context.config` is already `next`. `applied` goes on with them,
   * and `restart`, or an error, starts a new process with them in place of this one, without loss, as where there is no such
   * member. Calls that are under way keep the settings with which they began.
   */
  onConfigChange?(next: Config, previous: Config, context: C): Promise<'applied' | 'restart'>
  /** After one of its components failed; one failure at a time. */
  onError?(failure: PluginFailure, context: C): Promise<void>
  /** Asked from time to time; while it is not ok the plugin is `degraded`, and goes on serving. */
  health?(context: C): Promise<Health>
}
