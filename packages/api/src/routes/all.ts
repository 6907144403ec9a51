import type { Chain } from '../http/chain.ts'
import type { Route } from '../http/route.ts'
import { auditRoutes } from './admin/audit.ts'
import { chatCompletionRoutes } from './chat/chat-completions.ts'
import { conversationEventRoutes } from './chat/conversation-events.ts'
import { conversationRoutes } from './chat/conversations.ts'
import { deadLetterRoutes } from './admin/dead-letters.ts'
import { docsRoutes } from './service/docs.ts'
import { healthRoutes } from './service/health.ts'
import { keyRoutes } from './admin/keys.ts'
import { messageRoutes } from './chat/messages.ts'
import { modelRoutes } from './chat/models.ts'
import { openApiRoutes } from './service/openapi.ts'
import { deviceRoutes } from './identity/devices.ts'
import { secondFactorRoutes } from './identity/second-factors.ts'
import { sessionRoutes } from './identity/sessions.ts'
import { ticketRoutes } from './identity/tickets.ts'
import { pluginMonitorRoutes } from './plugins/plugin-monitor.ts'
import { pluginMounts } from './plugins/plugin-routes.ts'
import { pluginRoutes } from './plugins/plugins.ts'
import { secretRoutes } from './admin/secrets.ts'
import { trustRoutes } from './plugins/trust.ts'

/** Every route there is: what Express serves and what the OpenAPI document lists. */
export const allRoutes = (chain: Chain): readonly Route[] => {
  const { deps } = chain
  const routes: Route[] = [
    ...conversationRoutes(deps),
    ...messageRoutes(chain),
    ...conversationEventRoutes(chain),
    ...chatCompletionRoutes(chain),
    ...modelRoutes(deps),
    ...healthRoutes(deps.health),
    ...keyRoutes(deps),
    ...deviceRoutes(chain),
    ...sessionRoutes(chain),
    ...secondFactorRoutes(chain),
    ...ticketRoutes(chain),
    ...pluginMonitorRoutes(chain),
    ...pluginRoutes(deps.registry),
    ...trustRoutes(deps.registry),
    ...auditRoutes(deps.audit),
    ...deadLetterRoutes(deps),
    ...secretRoutes(deps),
    ...pluginMounts(chain),
  ]
  routes.push(...openApiRoutes(routes), ...docsRoutes(routes))
  return routes
}
