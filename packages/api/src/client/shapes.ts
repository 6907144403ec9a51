export type { AuditRecordView } from '../schemas/audit.ts'
export type { ConversationView, MessageView } from '../schemas/conversation.ts'
export type { DeadLetterView } from '../schemas/dead-letter.ts'
export type { DeviceView } from '../schemas/device.ts'
export type { KeyView, NewKeyBody } from '../schemas/key.ts'
export type { SecretView } from '../schemas/secret.ts'
export type { Listed } from '../schemas/page.ts'
export type { StreamEvent } from '../schemas/turn-event.ts'
export type { HealthView } from '../routes/service/health.ts'
export type {
  FindingView,
  GrantChangeBody,
  NewPluginBody,
  PackageBody,
  PermissionView,
  PluginDetailsView,
  PluginPreviewView,
  PluginView,
  ReconfiguredView,
} from '../schemas/plugin.ts'
export type { NewTrustBody, TrustedKeyView } from '../schemas/trust.ts'
export type { PluginLogLineView, PluginStatsView } from '../schemas/plugin-stats.ts'
