import { type ActionSpec, isNamedIn, type ModelTool } from '@covent/core'

/** A name that a model may call, and whether policy lets it run. */
export interface Tool {
  readonly name: string
  readonly spec: ActionSpec
  readonly isAllowed: boolean
}

export interface Toolbox {
  /** Those that are allowed, as models want them. */
  readonly offered: readonly ModelTool[]
  /** By the exact name. */
  find(name: string): Tool | undefined
}

const maxNameLength = 64

const plainName = (name: string): string => name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, maxNameLength)

const longName = (spec: ActionSpec): string => plainName(`${spec.plugin.replaceAll('.', '_')}__${spec.name}`)

const unused = (name: string, taken: ReadonlyMap<string, Tool>): string => {
  if (!taken.has(name)) return name
  for (let n = 2; ; n++) {
    const numbered = `${name.slice(0, maxNameLength - 1 - String(n).length)}_${n}`
    if (!taken.has(numbered)) return numbered
  }
}

const isHarmless = (spec: ActionSpec): boolean => spec.effect === 'read' || spec.effect === 'write'

const namedTools = (specs: readonly ActionSpec[], allow: ReadonlySet<string>): Map<string, Tool> => {
  const count = new Map<string, number>()
  for (const spec of specs) count.set(plainName(spec.name), (count.get(plainName(spec.name)) ?? 0) + 1)
  const tools = new Map<string, Tool>()
  for (const spec of specs) {
    const short = plainName(spec.name)
    const name = unused(count.get(short) === 1 ? short : longName(spec), tools)
    const isAllowed = isHarmless(spec) || isNamedIn(allow, spec)
    tools.set(name, { name, spec, isAllowed })
  }
  return tools
}

const modelTool = ({ name, spec }: Tool): ModelTool => ({
  name,
  description: spec.description,
  aliases: spec.aliases,
  examples: spec.examples,
  input: spec.input,
})

const makeToolbox = (specs: readonly ActionSpec[], allow: ReadonlySet<string>): Toolbox => {
  const tools = namedTools(specs, allow)
  const offered = [...tools.values()].filter((tool) => tool.isAllowed).map(modelTool)
  return { offered, find: (name) => tools.get(name) }
}

const isSame = (a: readonly ActionSpec[], b: readonly ActionSpec[]): boolean =>
  a.length === b.length && a.every((spec, n) => spec === b[n])

/**
 * The tools of a turn, kept for the next one that is offered the same. Names are those of the actions; actions that share
 * one are called `<plugin>__<name>`.
 * Effects beyond `write` need `actions.allow`.
 */
export const toolboxes = (allow: readonly string[]): ((specs: readonly ActionSpec[]) => Toolbox) => {
  const allowed = new Set(allow)
  let known: readonly ActionSpec[] = []
  let toolbox = makeToolbox(known, allowed)
  return (specs) => {
    if (isSame(specs, known)) return toolbox
    known = [...specs]
    toolbox = makeToolbox(known, allowed)
    return toolbox
  }
}
