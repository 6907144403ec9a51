import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigurationError, type PluginStore } from '@covent/core'
import * as z from 'zod'

const entry = z.strictObject({
  id: z.string(),
  version: z.string(),
  /** Of its plugin.json, which holds the digests of all files. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Absent where nobody signed it. */
  keyId: z.string().optional(),
  /** Permissions by name; their scopes are in plugin.json. */
  grants: z.array(z.string()),
})
export type LockEntry = z.output<typeof entry>

const document = z.strictObject({ version: z.literal(1), plugins: z.array(entry).max(10_000) })

/** What is installed and granted, in one file: `<home>/plugins/plugins.lock.json`. */
export interface LockFile {
  /** Undefined where there is no such file. */
  read(): Promise<readonly LockEntry[] | undefined>
  /** Whole or not at all. */
  write(entries: readonly LockEntry[]): Promise<void>
}

/** Reads what a lock file holds. Throws `config.unreadable` where it is none. */
export const parseLock = (name: string, text: string): readonly LockEntry[] => {
  try {
    return document.parse(JSON.parse(text)).plugins
  } catch (cause) {
    const why = 'is no lock file of plugins; remove it, and what stands now is written down again'
    throw new ConfigurationError('config.unreadable', `${name} ${why}`, { cause })
  }
}

export const lockFile = (home: string): LockFile => {
  const file = join(home, 'plugins', 'plugins.lock.json')
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return undefined
        throw new ConfigurationError('config.unreadable', `${file} cannot be read`, { cause })
      })
      return text === undefined ? undefined : parseLock(file, text)
    },
    async write(plugins) {
      const aside = `${file}.${randomUUID()}`
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(aside, `${JSON.stringify({ version: 1, plugins }, null, 2)}\n`, {
        mode: 0o600,
        flush: true,
      })
      await rename(aside, file)
    },
  }
}

/** What the store says is installed and granted now. */
export const standingLock = async (
  store: Pick<PluginStore, 'list' | 'grants'>,
): Promise<readonly LockEntry[]> =>
  Promise.all(
    (await store.list()).map(async ({ id, version, digest, keyId }) => {
      const granted = (await store.grants(id, digest)).filter((decision) => decision.granted)
      const grants = granted.map(({ permission }) => permission).toSorted()
      return { id, version, sha256: digest, ...(keyId !== undefined && { keyId }), grants }
    }),
  )

/** In which a lock file differs from what stands, a sentence each. */
export const lockDifferences = (
  locked: readonly LockEntry[],
  standing: readonly LockEntry[],
): readonly string[] => {
  const ids = [...new Set([...locked, ...standing].map(({ id }) => id))].toSorted()
  return ids.flatMap((id) => {
    const [one, other] = [locked, standing].map((list) => list.find((found) => found.id === id))
    if (one === undefined) return [`${id} is installed and not locked`]
    if (other === undefined) return [`${id} is locked and not installed`]
    const fields = (['version', 'sha256', 'keyId', 'grants'] as const).filter(
      (field) => String(one[field]) !== String(other[field]),
    )
    return fields.length === 0 ? [] : [`${id} differs in ${fields.join(', ')}`]
  })
}
