import { type Clock, type KeyRing, SecretError, type SecretStore } from '@covent/core'
import type { Anchor } from './anchor.ts'
import { batches } from './batches.ts'
import { emptyVault, formatVault, parseVault, type Vault } from './vault.ts'
import type { Change, VaultPlace } from './vault-storage.ts'

export interface VaultRowOptions {
  readonly secrets: SecretStore
  readonly anchor: Anchor
  readonly clock: Clock
  readonly ring: KeyRing
}

export const rowName = 'the row of secrets in the database'
const freshMs = 1_000
const mostTries = 50

/** The vault in a store, which several servers may share: who is second takes up what the first wrote. */
export const vaultRow = ({ secrets, anchor, clock, ring }: VaultRowOptions): VaultPlace => {
  let known: { readonly vault: Vault; readonly text: string } | undefined
  let checkedMs = Number.NEGATIVE_INFINITY

  const load = async (): Promise<Vault> => {
    const { text, generation = 0 } = (await secrets.read()) ?? {}
    if (known !== undefined && known.text === text) return known.vault
    const vault = text === undefined ? emptyVault : parseVault(text, ring, rowName)
    if (vault.generation !== generation)
      throw new SecretError('secret.integrity-broken', `${rowName} was changed from outside`)
    await anchor.check(vault.generation, rowName)
    if (text === undefined) return vault
    await anchor.note(vault.generation)
    known = { vault, text }
    return vault
  }
  const attempt = async (changes: readonly Change[]): Promise<boolean> => {
    const { generation, records } = await load()
    const changed = changes.reduce((before, change) => change(before), records)
    const vault = { generation: generation + 1, records: changed }
    const text = formatVault(vault, ring)
    if (!(await secrets.replace({ generation: vault.generation, text }))) return false
    await anchor.note(vault.generation)
    known = { vault, text }
    return true
  }
  const changes = batches<Change>(async (batch) => {
    for (let tries = 0; tries < mostTries; tries++) {
      if (await attempt(batch)) return
      await clock.sleep(Math.random() * 20)
    }
    throw new SecretError(
      'secret.store-unavailable',
      'other servers change the secrets all the time; nothing was changed',
    )
  })
  return {
    async read() {
      if (known !== undefined && clock.monotonic() - checkedMs < freshMs) return known.vault
      const vault = await load()
      checkedMs = clock.monotonic()
      return vault
    },
    change: (change) => changes.add(change),
  }
}
