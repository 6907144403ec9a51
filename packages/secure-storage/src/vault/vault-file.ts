import { stat } from 'node:fs/promises'
import { type Clock, type KeyRing, SecretError } from '@covent/core'
import { anchorFile } from './anchor.ts'
import { readText, writeDurably } from './durable-file.ts'
import { batches } from './batches.ts'
import { fileLock } from './file-lock.ts'
import { emptyVault, formatVault, parseVault, type Vault } from './vault.ts'
import type { Change, VaultPlace } from './vault-storage.ts'

export interface VaultFileOptions {
  /** `data/secrets.json` of the home. */
  readonly path: string
  /** Where the highest generation that was written is noted, apart from `path`: an older file is refused by it. */
  readonly anchorPath: string
  readonly clock: Clock
  readonly ring: KeyRing
}

const freshMs = 1_000

const stampOf = async (path: string): Promise<string> => {
  try {
    const { mtimeNs, ino, size } = await stat(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const unavailable = (path: string, cause: unknown): SecretError => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new SecretError(
    'secret.store-unavailable',
    `${path} cannot be used (${code}); nothing was changed`,
    { cause },
  )
}

const isSystemError = (error: unknown): boolean =>
  typeof (error as NodeJS.ErrnoException).syscall === 'string'

/** The vault in a file of the home, which processes change one after the other. */
export const vaultFile = ({ path, anchorPath, clock, ring }: VaultFileOptions): VaultPlace => {
  const anchor = anchorFile(anchorPath)
  const lock = fileLock(`${path}.lock`, clock)
  let known: { readonly vault: Vault; readonly stamp: string } | undefined
  let checkedMs = Number.NEGATIVE_INFINITY

  const load = async (): Promise<Vault> => {
    const stamp = await stampOf(path)
    if (known !== undefined && known.stamp === stamp) return known.vault
    const text = await readText(path)
    const vault = text === undefined ? emptyVault : parseVault(text, ring, path)
    await anchor.check(vault.generation, path)
    known = { vault, stamp }
    return vault
  }
  const write = async (vault: Vault): Promise<void> => {
    await writeDurably(path, formatVault(vault, ring))
    await anchor.note(vault.generation)
    known = { vault, stamp: await stampOf(path) }
  }
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw isSystemError(error) ? unavailable(path, error) : error
    }
  }
  const changes = batches<Change>((batch) =>
    guarded(() =>
      lock.run(async () => {
        const { generation, records } = await load()
        const changed = batch.reduce((before, change) => change(before), records)
        await write({ generation: generation + 1, records: changed })
      }),
    ),
  )
  return {
    async read() {
      if (known !== undefined && clock.monotonic() - checkedMs < freshMs) return known.vault
      const vault = await guarded(load)
      checkedMs = clock.monotonic()
      return vault
    },
    change: (change) => changes.add(change),
  }
}
