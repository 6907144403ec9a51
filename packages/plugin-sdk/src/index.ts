export { z } from 'zod'
export type { Ai, AiAnswer, AiRequest } from './contract/facets/ai.ts'
export type { EmbeddingOptions, TextEmbedder } from './contract/facets/embeddings.ts'
export type { MemoryReader, MemoryWriter, RememberedText } from './contract/facets/memory.ts'
export type { ChannelDefinition, DeliveredMessage, Delivery } from './contract/channels.ts'
export type { Health, PluginEventName, PluginFailure, Turn } from './contract/components.ts'
export type {
  BaseContext,
  CallInfo,
  Context,
  Facets,
  HookContext,
  PermissionDecision,
  PermissionRequests,
  PluginLog,
} from './contract/context.ts'
export {
  type ActionDefinition,
  definePlugin,
  type Plugin,
  type PluginDefinition,
  type PluginLimits,
  type PluginSecret,
  type PluginType,
} from './contract/define-plugin.ts'
export type { Dns } from './contract/dns.ts'
export type { FileEntry, FileFacts, FileRange, FileReader, FileWriter } from './contract/files.ts'
export type { Http, HttpOptions, HttpRequest, HttpResponse } from './contract/http.ts'
export type { KeyValues, KeyValueScope } from './contract/key-values.ts'
export {
  defineService,
  type Dependency,
  mayUse,
  type ServiceClient,
  type ServiceContract,
  uses,
} from './contract/services.ts'
export type { ProgramOptions, ProgramResult, Programs } from './contract/programs.ts'
export type { WebSocketConnection, WebSocketOptions, WebSockets } from './contract/web-sockets.ts'
export type { RouteAnswer, RouteDefinition, RouteRequest } from './contract/routes.ts'
export type { PermissionScopes, PermissionSet, PluginPermission } from './contract/permissions.ts'
export type { Environment, ReadableSecrets } from './contract/values.ts'
