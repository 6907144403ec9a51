import { stat } from 'node:fs/promises'
import { type Clock, type KeyRing, SecretError } from '@covent/core'
import { readText, writeDurably } from './durable-file.ts'
import { batches } from './batches.ts'
import { fileLock } from './file-lock.ts'
import { emptyVault, formatVault, parseVault, type Vault, type VaultRecord } from './vault.ts'

export interface VaultFileOptions {
  /** `data/secrets.json` of the home. */
  readonly path: string
  /** Where the highest generation that was written is noted, apart from `path`: an older file is refused by it. */
  readonly anchorPath: string
  readonly clock: Clock
  readonly ring: KeyRing
}

type Records = ReadonlyMap<string, VaultRecord>
/** Must not throw. */
type Change = (records: Records) => Records

/** The vault of a home, which several processes may use. */
export interface VaultFile {
  /** As it is now, or was less than a second ago. */
  read(): Promise<Vault>
  /** What `change` makes of the records that stand there at that moment; durable when it resolves. */
  change(change: Change): Promise<void>
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

const anchorIn = async (path: string): Promise<number> => {
  const text = await readText(path)
  const generation = Number(text ?? 0)
  if (Number.isSafeInteger(generation)) return generation
  throw new SecretError('secret.integrity-broken', `${path} is damaged; restore it from a backup`)
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

export const vaultFile = ({ path, anchorPath, clock, ring }: VaultFileOptions): VaultFile => {
  const lock = fileLock(`${path}.lock`, clock)
  let known: { readonly vault: Vault; readonly stamp: string } | undefined
  let checkedMs = Number.NEGATIVE_INFINITY

  const load = async (): Promise<Vault> => {
    const stamp = await stampOf(path)
    if (known !== undefined && known.stamp === stamp) return known.vault
    const text = await readText(path)
    const vault = text === undefined ? emptyVault : parseVault(text, ring, path)
    const anchor = await anchorIn(anchorPath)
    if (vault.generation < anchor)
      throw new SecretError(
        'secret.integrity-broken',
        `${path} is older than the last one that was written (${vault.generation}, not ${anchor}); restore that one, or remove ${anchorPath} if you put it there yourself`,
      )
    known = { vault, stamp }
    return vault
  }
  const write = async (vault: Vault): Promise<void> => {
    await writeDurably(path, formatVault(vault, ring))
    await writeDurably(anchorPath, `${vault.generation}\n`)
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
