export { z } from 'zod'
export type * from './contract/facets/index.ts'
export type * from './contract/declared.ts'
export type {
  BaseContext,
  CallInfo,
  Context,
  Facets,
  HookContext,
  MetricLabels,
  PermissionDecision,
  PermissionRequests,
  PluginLog,
  PluginMetrics,
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
export { defineService, mayUse, uses } from './contract/services.ts'
export type { Dependency, ServiceClient, ServiceContract } from './contract/services.ts'
