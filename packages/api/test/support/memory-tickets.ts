import type { Tickets } from '@covent/core'

export const memoryTickets = (): Tickets => {
  const kept = new Map<string, string>()
  return {
    make(credential, path) {
      const ticket = `ticket-${kept.size}`
      kept.set(`${ticket} ${path}`, credential)
      return { ticket, expiresAt: Date.now() + 30_000 }
    },
    redeem(ticket, path) {
      const credential = kept.get(`${ticket} ${path}`)
      kept.delete(`${ticket} ${path}`)
      return credential
    },
  }
}
