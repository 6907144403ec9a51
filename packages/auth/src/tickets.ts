import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Clock, KeyRing, Tickets } from '@covent/core'

const livesMs = 30_000
const purpose = 'auth/ticket'
const algorithm = 'aes-256-gcm'
const [ivBytes, tagBytes] = [12, 16]

interface Opened {
  readonly credential: string
  readonly expiresAt: number
}

const sealed = (keys: KeyRing) => ({
  seal({ credential, expiresAt }: Opened, path: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv(algorithm, keys.subKey(purpose), iv).setAAD(Buffer.from(path))
    const text = [cipher.update(`${expiresAt} ${credential}`, 'utf8'), cipher.final()]
    return Buffer.concat([iv, ...text, cipher.getAuthTag()]).toString('base64url')
  },
  open(ticket: string, path: string): Opened | undefined {
    const bytes = Buffer.from(ticket, 'base64url')
    if (bytes.length <= ivBytes + tagBytes || bytes.toString('base64url') !== ticket) return undefined
    for (const id of keys.ids) {
      const options = { authTagLength: tagBytes }
      const decipher = createDecipheriv(
        algorithm,
        keys.subKey(purpose, id),
        bytes.subarray(0, ivBytes),
        options,
      )
      decipher.setAAD(Buffer.from(path)).setAuthTag(bytes.subarray(-tagBytes))
      try {
        const text =
          decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
        const at = text.indexOf(' ')
        return { expiresAt: Number(text.slice(0, at)), credential: text.slice(at + 1) }
      } catch {
        // Under another key of the ring, or not ours at all.
      }
    }
    return undefined
  },
})

/**
 * The credential itself, sealed: servers of one key take each other's tickets, and a key that is revoked meanwhile opens nothing.
 * Each server remembers those that it took; who has stolen one from a URL could use it once more at another, within its time.
 */
export const tickets = (keys: KeyRing, clock: Clock): Tickets => {
  const used = new Map<string, number>()
  const forget = (): void => {
    for (const [ticket, expiresAt] of used) if (expiresAt <= clock.now()) used.delete(ticket)
  }
  const cipher = sealed(keys)
  return {
    make(credential, path) {
      const expiresAt = clock.now() + livesMs
      return { ticket: cipher.seal({ credential, expiresAt }, path), expiresAt }
    },
    redeem(ticket, path) {
      forget()
      const opened = cipher.open(ticket, path)
      // A clock that was put back must not make it live longer.
      const leftMs = (opened?.expiresAt ?? 0) - clock.now()
      if (opened === undefined || leftMs <= 0 || leftMs > livesMs || used.has(ticket)) return undefined
      used.set(ticket, opened.expiresAt)
      return opened.credential
    },
  }
}
