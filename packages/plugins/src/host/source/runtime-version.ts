import { readFileSync } from 'node:fs'
import { PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import { satisfies } from 'semver'

/** All packages of Covent are released under one version, the server's. */
const runtimeVersion = (): string => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

/** Refuses a plugin that was made for another server. */
export const checkRuntime = ({ id, version, engines }: Manifest): void => {
  if (engines.runtime === undefined) return
  const found = runtimeVersion()
  if (satisfies(found, engines.runtime, { includePrerelease: true })) return
  throw new PluginError(
    'plugin.runtime-unsupported',
    `${id} ${version} needs Covent ${engines.runtime}; this server is ${found}`,
  )
}
