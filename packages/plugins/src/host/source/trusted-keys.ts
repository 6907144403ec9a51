import type { AuditEntry, TrustedKeys } from '@covent/core'
import { publicKeyOf } from '../../package/signing/signing-key.ts'
import { keyIdOf } from '../../package/signing/signature.ts'
import { note, noteLess } from '../audit/changes.ts'
import { restart } from '../registry/decisions.ts'
import type { RegistryParts } from '../registry/registry-parts.ts'

type Changed = <T>(change: Pick<AuditEntry, 'action' | 'target'>, work: () => Promise<T>) => Promise<T>

/** Stops what a key vouches for no longer, and starts what was refused for want of it. */
const settle = async (parts: RegistryParts, keyId: string): Promise<void> => {
  const { store, roster, installed, logger } = parts
  const signed = (await store.list()).filter((record) => record.keyId === keyId && record.enabled)
  for (const record of signed) {
    const isRefused = roster.find(record.id)?.info().state === 'refused'
    const isWhole = await installed.read(record).then(
      () => true,
      () => false, // its start says why
    )
    if (isWhole !== isRefused) continue
    logger.warn('a plugin is opened anew, because its key changed', { plugin: record.id, keyId })
    await roster.remove(record.id)
    await restart(parts, record)
  }
}

/** Changes of the trust store by an operator, in the audit, with what follows from them for plugins that run. */
export const trustedKeys = (parts: RegistryParts, changed: Changed): TrustedKeys => {
  const { trust, clock } = parts
  const taken = (action: string, work: (keyId: string) => Promise<void>) => (keyId: string) =>
    changed({ action, target: keyId }, async () => {
      await work(keyId)
      const noted = noteLess(parts, { action, target: keyId })
      await settle(parts, keyId)
      await noted
    })
  return {
    list: trust.list,
    add({ publicKey, expiresAt, ...terms }) {
      const key = publicKeyOf(publicKey)
      const change = { action: 'trust.add', target: keyIdOf(key) }
      return changed(change, async () => {
        const { owner } = terms
        const namespaces = [...terms.namespaces]
        const ends = expiresAt !== undefined && { expiresAt }
        await note(parts, { ...change, data: { owner, namespaces: namespaces.join(' '), ...ends } })
        const added = await trust.add(key, { owner, namespaces, expiresAt, now: clock.now() })
        await settle(parts, added.keyId)
        return added
      })
    },
    revoke: taken('trust.revoke', (keyId) => trust.revoke(keyId, clock.now())),
    remove: taken('trust.remove', trust.remove),
  }
}
