import type { Clock, PluginTurn } from '@covent/core'
import type { PluginWatch } from '../monitor/plugin-watch.ts'
import type { PartOwner } from './call-part.ts'

/** A running plugin, and who counts what was found for it. */
export interface Providing extends PartOwner {
  readonly watch: Pick<PluginWatch, 'looked'>
}

/** Texts of providers that ask for it, each kept for a while for one person in one conversation. */
export interface ProvidedTexts {
  /** What is kept, or else what `ask` gives; nothing is kept of an answer without text, nor of one whose grants have changed. */
  find(
    plugin: Providing,
    turn: PluginTurn,
    provider: { readonly name: string; readonly cacheMs: number },
    ask: () => Promise<string>,
  ): Promise<string>
}

interface Kept {
  readonly text: string
  readonly until: number
}

const keptOfPlugin = 1_000

const keyOf = ({ grants }: PartOwner, turn: PluginTurn, name: string): string =>
  JSON.stringify([name, turn.principalId, turn.conversationId, turn.character, [...grants].toSorted()])

const keep = (texts: Map<string, Kept>, key: string, kept: Kept): void => {
  const [oldest] = texts.keys()
  if (texts.size >= keptOfPlugin && oldest !== undefined) texts.delete(oldest)
  texts.delete(key)
  texts.set(key, kept)
}

/** They are forgotten with the process that gave them. */
export const providedTexts = (clock: Clock): ProvidedTexts => {
  const all = new WeakMap<object, Map<string, Kept>>()
  const textsOf = ({ sandbox }: PartOwner): Map<string, Kept> => {
    const texts = all.get(sandbox) ?? new Map<string, Kept>()
    all.set(sandbox, texts)
    return texts
  }
  return {
    async find(...[plugin, turn, { name, cacheMs }, ask]) {
      const texts = textsOf(plugin)
      const key = keyOf(plugin, turn, name)
      const kept = texts.get(key)
      const isFresh = kept !== undefined && kept.until > clock.monotonic()
      plugin.watch.looked(isFresh ? 'hit' : 'miss')
      if (isFresh) return kept.text
      const text = await ask()
      if (text !== '' && key === keyOf(plugin, turn, name))
        keep(texts, key, { text, until: clock.monotonic() + cacheMs })
      return text
    },
  }
}
