import * as z from 'zod'

const id = z.string()
const error = z.object({ code: z.string(), message: z.string() })
const action = z.object({
  callId: id,
  turnId: id,
  conversationId: id.optional(),
  principalId: id,
  plugin: z.string(),
  action: z.string(),
})
const plugin = z.object({ plugin: z.string(), version: z.string() })
const permission = z.object({ plugin: z.string(), permission: z.string(), target: z.string().optional() })
const message = z.object({
  messageId: id,
  turnId: id,
  conversationId: id,
  principalId: id,
  text: z.string(),
})

/** A place in what the owner of a turn tells of it, and whom he tells it. */
const turnPlace = z.object({
  turnId: id,
  fence: z.int(),
  watcher: id,
  entry: z.int().min(0),
  characters: z.int().min(0),
})
const turnPiece = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delta'), text: z.string() }),
  z.object({
    kind: z.literal('action'),
    id,
    plugin: z.string(),
    action: z.string(),
    state: z.enum(['started', 'progress', 'completed', 'failed', 'unknown']),
    input: z.unknown().optional(),
    output: z.unknown().optional(),
    text: z.string().optional(),
    error: error.optional(),
  }),
  z.object({ kind: z.literal('over') }),
])

const alert = z.object({
  plugin: z.string(),
  alert: z.enum(['memory', 'errors', 'latency', 'denials', 'breaker']),
  value: z.number(),
  threshold: z.number(),
})

/**
 * Every event of Covent, named noun.verb, with the schema of its payload. The schemas are parsed where bytes enter
 * (Redis, plugins, HTTP), never on an emit within the process.
 */
export const eventSchemas = {
  'system.started': z.object({ pid: z.int(), startupMs: z.number() }),
  'system.stopping': z.object({ reason: z.string() }),
  /** This process was cut off from the others for a while: what they told meanwhile is to be looked for. */
  'system.signals-missed': z.object({ reason: z.enum(['reconnected', 'gap']) }),
  'config.changed': z.object({ keys: z.array(z.string()) }),
  'agent.message.received': message,
  'agent.message.sent': message,
  'agent.action.started': action,
  'agent.action.completed': action.extend({ durationMs: z.number() }),
  'agent.action.failed': action.extend({ durationMs: z.number(), error }),
  'agent.state.changed': z.object({
    turnId: id,
    conversationId: id.optional(),
    state: z.enum(['accepted', 'running', 'answered', 'failed']),
  }),
  /** A replica with readers of a turn that another one answers: tell it from there on, for some seconds. */
  'agent.turn.watched': turnPlace,
  /** A piece of it, or that it is over. */
  'agent.turn.told': turnPlace.extend({ event: turnPiece }),
  'plugin.loaded': plugin.extend({ isolation: z.string() }),
  'plugin.unloaded': plugin.extend({ reason: z.string() }),
  'plugin.failed': z.object({ plugin: z.string(), error }),
  'plugin.installed': plugin.extend({ keyId: z.string().optional() }),
  'plugin.uninstalled': plugin,
  'plugin.updated': plugin.extend({ from: z.string() }),
  /** A new version waits beside the one in force until an operator consents. */
  'plugin.update-requested': plugin.extend({ from: z.string() }),
  'plugin.rolled-back': plugin.extend({ from: z.string() }),
  'plugin.permission-granted': permission,
  'plugin.permission-revoked': permission,
  'plugin.permission-requested': permission,
  /** `allowedBy`: the line of the manifest, or the setting, that would have let it through. */
  'plugin.permission-denied': permission.extend({ allowedBy: z.string().optional() }),
  /** Once for as long as it lasts. */
  'plugin.alert': alert,
  'plugin.alert-cleared': alert,
  /** What a plugin emits: `name` and the payload's shape are those of its manifest. */
  'plugin.event': z.object({ plugin: z.string(), name: z.string(), payload: z.unknown() }),
  'conversation.started': z.object({ conversationId: id, principalId: id }),
  'conversation.message': message.extend({ role: z.enum(['user', 'assistant', 'action', 'system']) }),
  'conversation.ended': z.object({ conversationId: id, principalId: id }),
  'job.progressed': z.object({ jobId: id, queue: z.string(), progress: z.unknown() }),
  /** An attempt has ended. */
  'job.ended': z.object({
    jobId: id,
    queue: z.string(),
    outcome: z.enum(['completed', 'retry', 'failed', 'cancelled', 'released', 'lost']),
    error: error.optional(),
  }),
  'security.auth.succeeded': z.object({ principalId: id, peer: z.string().optional() }),
  'security.auth.failed': z.object({ reason: z.string(), peer: z.string().optional() }),
  'security.limit.exceeded': z.object({ limit: z.string(), key: z.string() }),
} as const

/** Event name → payload. */
export type EventMap = { readonly [K in keyof typeof eventSchemas]: z.output<(typeof eventSchemas)[K]> }
export type EventName = keyof EventMap
