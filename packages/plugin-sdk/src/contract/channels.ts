/** A message from the outside; the ids are the outside's own. */
export interface DeliveredMessage {
  readonly conversationId: string
  /** Who says it. Each person has a conversation of their own with the agent, also in a room that many share. */
  readonly principalId: string
  /** At most 32,000 characters. */
  readonly text: string
  /** A repeat under the same key joins the first, and is not answered again. */
  readonly idempotencyKey?: string
}

export interface Delivery {
  /** Resolves once the agent has accepted the message for good. Rejects where messages come too fast or the server stops. */
  deliver(message: DeliveredMessage): Promise<void>
}

/** A tie to another place where people talk. */
export interface ChannelDefinition<C> {
  readonly description: string
  /** How it talks to the other place: `IMAP`, `Matrix`. The operator sees it in lists and in health. */
  readonly protocol?: string
  /** Where the other place is, for people to read; what it reaches is decided by its permissions. */
  readonly endpoints?: readonly string[]
  /** Connects; `deliver` and the context hold until the channel is closed. One that rejects is tried again later. */
  start(context: C & Delivery): Promise<void>
  /** Lets go. `start`'s signal aborts afterwards. */
  stop(context: C): Promise<void>
  /** Brings a reply to the outside. One that rejects is tried again, so a reply may come twice. */
  send(message: { readonly conversationId: string; readonly text: string }, context: C): Promise<void>
  /** Asked from time to time; while it is false the plugin is `degraded`. */
  connected(context: C): boolean | Promise<boolean>
}
