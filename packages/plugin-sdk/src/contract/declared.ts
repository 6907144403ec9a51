export type { ChannelDefinition, DeliveredMessage, Delivery } from './channels.ts'
export type { PermissionScopes, PermissionSet, PluginPermission } from './permissions.ts'
export type { RouteAnswer, RouteDefinition, RouteRequest } from './routes.ts'
export type { Health, PluginEventName, PluginFailure, Turn } from './components.ts'
