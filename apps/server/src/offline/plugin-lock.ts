import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { adminSocketPath, type ApiClient, apiClient } from '@covent/api/client'
import { Stores } from '@covent/core'
import { lockDifferences, type LockEntry, lockFile, standingLock } from '@covent/plugins/package'
import type { Check } from './doctor.ts'
import { openOffline } from './open-offline.ts'

interface Surroundings {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** What a running server says is installed and granted. */
const toldBy = async (plugins: ApiClient['plugins']): Promise<readonly LockEntry[]> => {
  const found: LockEntry[] = []
  for (const { id } of await plugins.list()) {
    const { version, package: kept } = await plugins.show(id)
    if (kept === undefined) continue
    const { digest: sha256, keyId, permissions } = kept
    const granted = permissions.filter(({ state }) => state === 'granted')
    const grants = granted.map(({ permission }) => permission).toSorted()
    found.push({ id, version, sha256, ...(keyId !== undefined && { keyId }), grants })
  }
  return found
}

const standing = async (home: string, options: Surroundings): Promise<readonly LockEntry[]> => {
  try {
    return await toldBy(apiClient({ socketPath: adminSocketPath(home) }).plugins)
  } catch {
    const offline = await openOffline(options)
    return standingLock(offline.get(Stores).plugins).finally(() => offline.stop())
  }
}

/** Whether what is installed is what `plugins.lock.json` says; nothing where no plugin was ever installed. */
export const pluginLock = async (home: string, options: Surroundings): Promise<readonly Check[]> => {
  const file = join(home, 'plugins', 'plugins.lock.json')
  if (!existsSync(file)) return []
  const name = 'plugins lock'
  try {
    const locked = (await lockFile(home).read()) ?? []
    const differences = lockDifferences(locked, await standing(home, options))
    if (differences.length === 0) return [{ name, ok: true, detail: `${locked.length} as they were locked` }]
    const remedy = `Find out who changed it; to let it stand as it is, remove ${file} and start the server.`
    return [{ name, ok: false, detail: differences.join('; '), remedy }]
  } catch (error) {
    return [{ name, ok: false, detail: error instanceof Error ? error.message : String(error) }]
  }
}
