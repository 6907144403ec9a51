import { type Token, token } from '../token.ts'

/** A conversation of the outside, by the name that the outside has for it. */
export interface ChannelAddress {
  readonly plugin: string
  /** The name of the channel in its plugin. */
  readonly channel: string
  readonly conversationId: string
}

export interface IncomingMessage extends ChannelAddress {
  /** Who says it, by the name that the outside has for them. */
  readonly principalId: string
  readonly text: string
  /** A repeat under the same key in the same conversation joins the first. */
  readonly idempotencyKey?: string
}

export interface OutgoingMessage extends ChannelAddress {
  readonly text: string
}

/** Resolves once the message is kept, so that no crash can lose it. */
export type Receive = (message: IncomingMessage) => Promise<void>

/** The ways by which plugins connect the agent to other places where people talk. */
export interface Channels {
  /**
   * Opens the channels of all plugins, now and after each restart of theirs, and hands what comes in to `receive`. There
   * is one receiver. The disposal closes them and waits for their `stop`.
   */
  open(receive: Receive): AsyncDisposable
  /** Resolves when the plugin has sent it. Rejects where the channel is not open, or could not send. */
  send(message: OutgoingMessage): Promise<void>
}
export const Channels: Token<Channels> = token('Channels')
