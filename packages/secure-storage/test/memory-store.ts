import type { SealedSecrets, SecretStore } from '@covent/core'

/** A store whose content a test can see and change, as who writes to the database could. */
export const memoryStore = (): SecretStore & { content: SealedSecrets | undefined } => ({
  content: undefined,
  async read() {
    return this.content
  },
  async replace(next) {
    await new Promise((resolve) => setImmediate(resolve))
    if ((this.content?.generation ?? 0) !== next.generation - 1) return false
    this.content = next
    return true
  },
})
