export { z } from 'zod'
export type {
  EvaluatorDefinition,
  EventHandlers,
  Health,
  Lifecycle,
  PluginEventName,
  PluginFailure,
  ProviderDefinition,
  Turn,
} from './contract/components.ts'
export type { BaseContext, CallInfo, Context, Facets, HookContext, PluginLog } from './contract/context.ts'
export {
  type ActionDefinition,
  definePlugin,
  type Plugin,
  type PluginDefinition,
  type PluginLimits,
  type PluginSecret,
  type PluginType,
} from './contract/define-plugin.ts'
export type { Http, HttpOptions, HttpRequest, HttpResponse } from './contract/http.ts'
export type { KeyValues, KeyValueScope } from './contract/key-values.ts'
export type { PermissionScopes, PermissionSet, PluginPermission } from './contract/permissions.ts'
