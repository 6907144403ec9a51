import type { HostMessage } from '@covent/plugin-sdk/protocol'

/** Asks the guest for signs of life. */
export interface Pulse {
  /** Asks, and returns how to learn whether it has answered. */
  ask(): () => boolean
  /** Takes an answer; throws for one that nobody asked for. */
  answer(n: number): void
  /** Asks again; false where the last question is still open. */
  beat(): boolean
}

export const pulse = (send: (message: HostMessage) => void): Pulse => {
  let asked = 0
  let answered = 0
  const ask = (): (() => boolean) => {
    const n = ++asked
    send({ kind: 'ping', n })
    return () => answered >= n
  }
  return {
    ask,
    answer(n) {
      if (n <= answered || n > asked) throw new Error('it answered a question that nobody asked')
      answered = n
    },
    beat() {
      const isAnswered = answered >= asked
      ask()
      return isAnswered
    },
  }
}
