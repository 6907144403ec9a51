import type { ErrorRecord, TurnEvent } from '@covent/core'
import { type MessageView, messageView } from './conversation.ts'

type ActionEvent = Omit<Extract<TurnEvent, { kind: 'action' }>, 'kind'>

/** What a stream of a turn says: the name of the event and its data. */
export type StreamEvent =
  | { readonly event: 'accepted' | 'message'; readonly data: { readonly message: MessageView } }
  | { readonly event: 'delta'; readonly data: { readonly text: string } }
  | { readonly event: 'action'; readonly data: ActionEvent }
  | { readonly event: 'reset'; readonly data: Readonly<Record<string, never>> }
  | { readonly event: 'error'; readonly data: { readonly error: ErrorRecord } }
  | { readonly event: 'end'; readonly data: { readonly reason: 'answered' | 'failed' | 'stopped' } }

export const streamEvent = (event: TurnEvent): StreamEvent => {
  switch (event.kind) {
    case 'accepted':
    case 'message':
      return { event: event.kind, data: { message: messageView(event.message) } }
    case 'delta':
      return { event: 'delta', data: { text: event.text } }
    case 'action': {
      const { kind: _kind, ...data } = event
      return { event: 'action', data }
    }
    case 'reset':
      return { event: 'reset', data: {} }
    case 'error':
      return { event: 'error', data: { error: event.error } }
    default:
      return { event: 'end', data: { reason: event.reason } }
  }
}

/** Without an id, the client keeps the one before. */
export const frame = (id: string | undefined, { event, data }: StreamEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
