import type { Chain } from '../http/chain.ts'
import type { Route } from '../http/route.ts'
import { auditRoutes } from './audit.ts'
import { chatCompletionRoutes } from './chat-completions.ts'
import { conversationRoutes } from './conversations.ts'
import { docsRoutes } from './docs.ts'
import { healthRoutes } from './health.ts'
import { keyRoutes } from './keys.ts'
import { messageRoutes } from './messages.ts'
import { modelRoutes } from './models.ts'
import { openApiRoutes } from './openapi.ts'
import { pluginMonitorRoutes } from './plugin-monitor.ts'
import { pluginMounts } from './plugin-routes.ts'
import { pluginRoutes } from './plugins.ts'
import { secretRoutes } from './secrets.ts'

/** Every route there is: what Express serves and what the OpenAPI document lists. */
export const allRoutes = (chain: Chain): readonly Route[] => {
  const { deps } = chain
  const routes: Route[] = [
    ...conversationRoutes(deps),
    ...messageRoutes(chain),
    ...chatCompletionRoutes(chain),
    ...modelRoutes(deps),
    ...healthRoutes(deps.health),
    ...keyRoutes(deps),
    ...pluginMonitorRoutes(chain),
    ...pluginRoutes(deps.registry),
    ...auditRoutes(deps.audit),
    ...secretRoutes(deps),
    ...pluginMounts(chain),
  ]
  routes.push(...openApiRoutes(routes), ...docsRoutes(routes))
  return routes
}
