import { type Clock, PluginError, type PluginRecord } from '@covent/core'
import { compare } from 'semver'
import type { PluginPackage } from '../../package/plugin-package.ts'
import { signerOf, type TrustStore } from '../../package/signing/trust-store.ts'

/** The id of the key that signed it; undefined where nobody did and the operator lets it in. */
export const admittedSigner = async (
  found: PluginPackage,
  {
    trust,
    clock,
    allowUnsigned,
  }: { readonly trust: TrustStore; readonly clock: Clock; readonly allowUnsigned: boolean },
): Promise<string | undefined> => {
  const signer = signerOf(found, { keys: await trust.list(), now: clock.now(), isNew: true })
  if (signer !== undefined || allowUnsigned) return signer?.keyId
  throw new PluginError(
    'plugin.signature-missing',
    `${found.plugin.id} ${found.plugin.version} is not signed; sign it with \`covent plugin sign\`, or install it with --allow-unsigned`,
  )
}

/** Whether it may take the place of what is installed: only what is newer, or the same again. */
export const checkSuccession = (found: PluginPackage, prior: PluginRecord | undefined): void => {
  if (prior === undefined) return
  const { id, version } = found.plugin
  const conflict = (why: string): PluginError =>
    new PluginError(
      'plugin.version-conflict',
      `${id} ${version} is refused: ${why}; uninstall ${prior.version} first if you mean it`,
    )
  const order = compare(version, prior.version)
  if (order < 0) throw conflict(`${prior.version} is installed and newer`)
  if (order === 0 && found.digest !== prior.digest)
    throw conflict('that version is installed with other contents')
}
