import type { Channels, IncomingMessage, OutgoingMessage, Receive } from '@covent/core'

export interface ChannelBench extends Channels {
  readonly sent: readonly OutgoingMessage[]
  /** What comes in by the channel `post` of `acme.post`. */
  deliver(text: string, more?: Partial<IncomingMessage>): Promise<void>
  /** Runs before each send; what it throws, the send rejects with. */
  onSend: () => unknown
}

/** Channels that a test speaks through. */
export const channelBench = (): ChannelBench => {
  const sent: OutgoingMessage[] = []
  let receiver: Receive | undefined
  const bench: ChannelBench = {
    sent,
    onSend: () => undefined,
    open(receive) {
      receiver = receive
      return {
        async [Symbol.asyncDispose]() {
          receiver = undefined
        },
      }
    },
    async send(message) {
      await bench.onSend()
      sent.push(message)
    },
    deliver: (text, more = {}) =>
      receiver!({
        plugin: 'acme.post',
        channel: 'post',
        conversationId: 'room',
        principalId: 'bob',
        text,
        ...more,
      }),
  }
  return bench
}
