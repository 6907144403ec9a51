import type { Role } from '@covent/core'
import { readEvents } from './client/read-events.ts'
import { type Send, sender, type Target } from './client/send.ts'
import type {
  AuditRecordView,
  ConversationView,
  DeadLetterView,
  DeviceView,
  HealthView,
  KeyView,
  Listed,
  MessageView,
  NewKeyBody,
  GrantChangeBody,
  NewPluginBody,
  NewTrustBody,
  PackageBody,
  PermissionView,
  PluginDetailsView,
  PluginLogLineView,
  PluginStatsView,
  PluginPreviewView,
  PluginView,
  ReconfiguredView,
  SecretView,
  StreamEvent,
  TrustedKeyView,
} from './client/shapes.ts'

export type { Target } from './client/send.ts'
export type * from './client/shapes.ts'

export interface SendOptions {
  /** The same key with the same text joins the first answer. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export interface PageOptions {
  readonly limit?: number
  readonly cursor?: string
}

export interface AuditOptions extends PageOptions {
  /** `end`: the newest ones. */
  readonly from?: 'start' | 'end'
  readonly actor?: string
  readonly outcome?: 'allowed' | 'denied' | 'failed'
}

export interface Answered {
  readonly message: MessageView
  readonly reply: MessageView
}

/** Where the admin socket of that home is. */
export const adminSocketPath = (home: string): string => `${home}/run/admin.sock`

/** Whether an error says that no server answers there. */
export const isUnreachable = (error: unknown): boolean => {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return true
  return typeof cause === 'object' && cause !== null && isUnreachable(cause)
}

const json = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T

const paged = (path: string, options: object = {}): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(options)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

const chat = (send: Send) => {
  const post = (conversation: string, text: string, options: SendOptions & { readonly accept: string }) =>
    send(`/api/conversations/${conversation}/messages`, {
      method: 'POST',
      body: { text },
      headers: {
        accept: options.accept,
        ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
      },
      signal: options.signal,
    })
  return {
    /** Resolves with the reply; a failed turn throws its error. */
    send: (conversation: string, text: string, options: SendOptions = {}): Promise<Answered> =>
      json(post(conversation, text, { ...options, accept: 'application/json' })),
    /** The turn as it goes. Leaving the loop does not stop the turn. */
    async *stream(
      conversation: string,
      text: string,
      options: SendOptions = {},
    ): AsyncGenerator<StreamEvent> {
      const response = await post(conversation, text, { ...options, accept: 'text/event-stream' })
      for await (const { event, data } of readEvents(response))
        yield { event, data: JSON.parse(data) } as StreamEvent
    },
  }
}

const conversations = (send: Send) => ({
  create: (character?: string): Promise<ConversationView> =>
    json(send('/api/conversations', { method: 'POST', body: { character } })),
  list: (page?: PageOptions): Promise<Listed<ConversationView>> =>
    json(send(paged('/api/conversations', page))),
  get: (id: string): Promise<ConversationView> => json(send(`/api/conversations/${id}`)),
  remove: (id: string): Promise<void> =>
    send(`/api/conversations/${id}`, { method: 'DELETE' }).then(() => undefined),
  /** What happens in it, as it happens, until the signal ends it; `after` is the id of the last event that came before. */
  async *follow(
    id: string,
    { after, signal }: { readonly after?: string; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<StreamEvent & { readonly id: string }> {
    const headers = { accept: 'text/event-stream', ...(after !== undefined && { 'last-event-id': after }) }
    const response = await send(`/api/conversations/${id}/events`, { headers, signal })
    for await (const { id: at, event, data } of readEvents(response))
      yield { id: at, event, data: JSON.parse(data) } as StreamEvent & { readonly id: string }
  },
  messages: (id: string, page?: PageOptions): Promise<Listed<MessageView>> =>
    json(send(paged(`/api/conversations/${id}/messages`, page))),
})

const items = async <T>(response: Promise<Response>): Promise<readonly T[]> =>
  (await json<Listed<T>>(response)).items

const keys = (send: Send) => ({
  create: (key: NewKeyBody): Promise<{ readonly id: string; readonly key: string }> =>
    json(send('/api/keys', { method: 'POST', body: key })),
  list: (): Promise<readonly KeyView[]> => items(send('/api/keys')),
  rotate: (id: string, overlapHours: number): Promise<{ readonly id: string; readonly key: string }> =>
    json(send(`/api/keys/${id}/rotate`, { method: 'POST', body: { overlapHours } })),
  revoke: (id: string): Promise<void> => send(`/api/keys/${id}`, { method: 'DELETE' }).then(() => undefined),
})

const plugins = (send: Send) => {
  const post = (path: string, body?: unknown): Promise<PluginDetailsView> =>
    json(send(`/api/plugins${path}`, { method: 'POST', body }))
  return {
    list: (): Promise<readonly PluginView[]> => items(send('/api/plugins')),
    show: (id: string): Promise<PluginDetailsView> => json(send(`/api/plugins/${id}`)),
    install: (plugin: NewPluginBody): Promise<PluginDetailsView> => post('', plugin),
    preview: (plugin: PackageBody): Promise<PluginPreviewView> =>
      json(send('/api/plugins/preview', { method: 'POST', body: plugin })),
    update: (id: string, plugin: PackageBody): Promise<PluginDetailsView> => post(`/${id}/update`, plugin),
    consent: (id: string, digest: string): Promise<PluginDetailsView> =>
      post(`/${id}/update/consent`, { digest }),
    reject: (id: string): Promise<PluginDetailsView> =>
      json(send(`/api/plugins/${id}/update`, { method: 'DELETE' })),
    rollback: (id: string): Promise<PluginDetailsView> => post(`/${id}/rollback`),
    reconfigure: async (): Promise<readonly ReconfiguredView[]> => {
      const list: Listed<ReconfiguredView> = await json(send('/api/plugins/reconfigure', { method: 'POST' }))
      return list.items
    },
    uninstall: (id: string): Promise<void> =>
      send(`/api/plugins/${id}`, { method: 'DELETE' }).then(() => undefined),
    enable: (id: string): Promise<PluginDetailsView> => post(`/${id}/enable`),
    disable: (id: string): Promise<PluginDetailsView> => post(`/${id}/disable`),
    grants: (id: string): Promise<readonly PermissionView[]> => items(send(`/api/plugins/${id}/grants`)),
    changeGrants: (id: string, change: GrantChangeBody): Promise<PluginDetailsView> =>
      post(`/${id}/grants`, change),
    allStats: (): Promise<readonly PluginStatsView[]> => items(send('/api/plugins/stats')),
    stats: (id: string): Promise<PluginStatsView> => json(send(`/api/plugins/${id}/stats`)),
    logs: (id: string): Promise<readonly PluginLogLineView[]> => items(send(`/api/plugins/${id}/logs`)),
    /** The last lines and then each new one, until the signal ends it. */
    async *follow(id: string, signal?: AbortSignal): AsyncGenerator<PluginLogLineView> {
      const headers = { accept: 'text/event-stream' }
      const response = await send(`/api/plugins/${id}/logs`, { headers, signal })
      for await (const { data } of readEvents(response)) yield JSON.parse(data) as PluginLogLineView
    },
    call: (id: string, action: string, input: unknown): Promise<{ readonly output: unknown }> =>
      json(send(`/api/plugins/${id}/actions/${action}`, { method: 'POST', body: { input } })),
  }
}

const devices = (send: Send) => ({
  /** A new code, by which one device may be paired within five minutes. */
  offer: (role: Role): Promise<{ readonly code: string; readonly expiresAt: string }> =>
    json(send('/api/pairing', { method: 'POST', body: { role } })),
  list: (): Promise<readonly DeviceView[]> => items(send('/api/devices')),
  revoke: (id: string): Promise<void> =>
    send(`/api/devices/${id}`, { method: 'DELETE' }).then(() => undefined),
})

const secrets = (send: Send) => ({
  set: (name: string, value: string): Promise<SecretView> =>
    json(send('/api/secrets', { method: 'POST', body: { name, value } })),
  /** Whether that is its value. */
  verify: async (name: string, value: string): Promise<boolean> => {
    const path = `/api/secrets/${encodeURIComponent(name)}/verify`
    const { isSame } = await json<{ isSame: boolean }>(send(path, { method: 'POST', body: { value } }))
    return isSame
  },
  list: (): Promise<readonly SecretView[]> => items(send('/api/secrets')),
  remove: (name: string): Promise<void> =>
    send(`/api/secrets/${encodeURIComponent(name)}`, { method: 'DELETE' }).then(() => undefined),
  rotateKey: (): Promise<{ readonly keyId: string; readonly rewrapped: number }> =>
    json(send('/api/master-key/rotate', { method: 'POST' })),
})

const trust = (send: Send) => {
  // Colons stand as they are: a path with escapes is refused.
  const of = (keyId: string): string => `/api/trust/${encodeURIComponent(keyId).replaceAll('%3A', ':')}`
  return {
    add: (key: NewTrustBody): Promise<TrustedKeyView> =>
      json(send('/api/trust', { method: 'POST', body: key })),
    list: (): Promise<readonly TrustedKeyView[]> => items(send('/api/trust')),
    revoke: (keyId: string): Promise<void> =>
      send(`${of(keyId)}/revoke`, { method: 'POST' }).then(() => undefined),
    remove: (keyId: string): Promise<void> => send(of(keyId), { method: 'DELETE' }).then(() => undefined),
  }
}

const events = (send: Send) => ({
  /** Durable events that failed for good, oldest first. */
  async *dead(consumer?: string): AsyncGenerator<DeadLetterView> {
    let cursor: string | undefined
    do {
      const path = paged('/api/events/dead', { limit: 200, cursor, consumer })
      const page: Listed<DeadLetterView> = await json(send(path))
      yield* page.items
      cursor = page.nextCursor
    } while (cursor !== undefined)
  },
  /** Tries one again, or all of the consumer. */
  redrive: (consumer: string, id?: string): Promise<{ readonly count: number }> =>
    json(send('/api/events/dead/redrive', { method: 'POST', body: { consumer, id } })),
})

/** A typed client of the HTTP surface. Throws an AppError with the server's code where a request fails. */
export const apiClient = (target: Target) => {
  const send = sender(target)
  return {
    chat: chat(send),
    conversations: conversations(send),
    keys: keys(send),
    devices: devices(send),
    /** The full report, also of a server that is not ready. */
    health: (): Promise<HealthView> => json(send('/health', { expects: 503 })),
    plugins: plugins(send),
    secrets: secrets(send),
    trust: trust(send),
    events: events(send),
    /** Who did what, oldest first. */
    audit: (options?: AuditOptions): Promise<Listed<AuditRecordView>> =>
      json(send(paged('/api/audit', options))),
  }
}
export type ApiClient = ReturnType<typeof apiClient>
