import { SecretError } from '@covent/core'
import { readText, writeDurably } from './durable-file.ts'

/** Notes the highest generation of a vault, apart from the vault: an older one is refused by it. */
export interface Anchor {
  /** Throws `secret.integrity-broken` where `generation` is older than the highest; `vault` names what holds it. */
  check(generation: number, vault: string): Promise<void>
  /** Durable when it resolves. */
  note(generation: number): Promise<void>
}

export const anchorFile = (path: string): Anchor => {
  const highestSoFar = async (): Promise<number> => {
    const highest = Number((await readText(path)) ?? 0)
    if (Number.isSafeInteger(highest)) return highest
    throw new SecretError('secret.integrity-broken', `${path} is damaged; restore it from a backup`)
  }
  return {
    async check(generation, vault) {
      const highest = await highestSoFar()
      if (generation < highest)
        throw new SecretError(
          'secret.integrity-broken',
          `${vault} is older than the last one that was written (${generation}, not ${highest}); restore that one, or remove ${path} if you put it there yourself`,
        )
    },
    async note(generation) {
      if (generation > (await highestSoFar())) await writeDurably(path, `${generation}\n`)
    },
  }
}
