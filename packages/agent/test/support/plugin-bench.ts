import type { ActionEffect, ActionSpec, Invocation, PluginHost, Provided } from '@covent/core'

type Body = (input: unknown, signal: AbortSignal, onProgress: (text: string) => void) => unknown

export interface PluginBench extends PluginHost {
  readonly invocations: readonly Invocation[]
  /** What its providers add. */
  provided: readonly Provided[]
  /** Actions, by name, that do not apply. */
  readonly hidden: Set<string>
  add(name: string, effect: ActionEffect, body: Body): void
  addTo(plugin: string, name: string, body: Body): void
}

const specOf = (plugin: string, name: string, effect: ActionEffect): ActionSpec => ({
  plugin,
  name,
  description: name,
  aliases: [],
  examples: [],
  input: { type: 'object' },
  output: {},
  effect,
})

/** A plugin host whose actions are functions of the test. */
export const pluginBench = (): PluginBench => {
  const actions = new Map<ActionSpec, Body>()
  const invocations: Invocation[] = []
  const find = (plugin: string, action: string): Body | undefined =>
    [...actions].find(([spec]) => spec.plugin === plugin && spec.name === action)?.[1]
  const bench: PluginBench = {
    invocations,
    provided: [],
    hidden: new Set(),
    list: () => [],
    provide: async () => bench.provided,
    evaluate: async () => {},
    isolation: { thirdParty: 'process', firstParty: 'process' },
    actions: () => [...actions.keys()],
    offered: async () => bench.actions().filter(({ name }) => !bench.hidden.has(name)),
    add: (name, effect, body) => void actions.set(specOf('test.bench', name, effect), body),
    addTo: (plugin, name, body) => void actions.set(specOf(plugin, name, 'read'), body),
    async invoke(invocation, { signal, onProgress }) {
      invocations.push(invocation)
      return find(invocation.plugin, invocation.action)!(
        invocation.input,
        signal,
        onProgress ?? (() => undefined),
      )
    },
  }
  return bench
}
