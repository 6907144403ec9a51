import type { Server } from 'node:http'
import { join } from 'node:path'
import { type Service, type Token, token } from '@covent/core'
import type { ApiDeps, ApiSettings } from './api-deps.ts'
import type { Chain } from './http/chain.ts'
import { hostGuard } from './http/gate/hosts.ts'
import { inFlight } from './http/in-flight.ts'
import { occasionally } from './http/occasionally.ts'
import { router } from './http/router.ts'
import { ownOrigin } from './identity/own-origin.ts'
import { type SessionCookie, sessionCookie } from './identity/session-cookie.ts'
import { fairShare } from './limits/fair-share.ts'
import { peerOf } from './limits/peer.ts'
import { type RateGate, rateGate } from './limits/rate-gate.ts'
import { allRoutes } from './routes/all.ts'
import { listenAdmin } from './serving/admin-socket.ts'
import { drain } from './serving/drain.ts'
import { httpServer } from './serving/http-server.ts'
import { listener } from './serving/listener.ts'
import { checkReach, listenTcp } from './serving/tcp.ts'

/** The HTTP surface: one app behind a TCP address and, where a home is given, the admin socket in it. */
export interface Api extends Service {
  start(): Promise<void>
  stop(): Promise<void>
  /** `http://127.0.0.1:7420`; the port is the real one once it has started. */
  readonly url: string
}

export const Api: Token<Api> = token('Api')

const exceededQuietMs = 10_000

const ratesOf = (
  { limits, events, clock }: ApiDeps,
  { rateLimit, trustedProxies }: ApiSettings,
): RateGate => {
  const isNews = occasionally(clock, exceededQuietMs)
  return rateGate({
    limits,
    settings: rateLimit,
    peerOf: peerOf(trustedProxies),
    exceeded({ name }, key) {
      if (isNews(`${name} ${key}`)) events.emit('security.limit.exceeded', { limit: name, key })
    },
  })
}

export const createApi = (deps: ApiDeps, settings: ApiSettings): Api => {
  const ending = new AbortController()
  let draining = false
  let url = ''
  let cookie: SessionCookie | undefined
  const chain: Chain = {
    deps,
    settings,
    hosts: hostGuard(settings),
    inFlight: inFlight(),
    peerOf: peerOf(settings.trustedProxies),
    ownOrigin: ownOrigin(settings.trustedProxies),
    cookie: () => cookie!,
    rates: ratesOf(deps, settings),
    room: fairShare(settings.concurrency),
    draining: () => draining,
    ending: ending.signal,
  }
  const open: Server[] = []
  const start = async (): Promise<void> => {
    await checkReach(settings.host, deps.keys, deps.clock)
    cookie = sessionCookie(await deps.sessions.instanceId())
    const app = router(chain, allRoutes(chain))
    const tcp = httpServer(chain, listener(chain, app, 'tcp'))
    const admin = httpServer(chain, listener(chain, app, 'admin-socket'))
    if (settings.home !== undefined) {
      await listenAdmin(admin, join(settings.home, 'run', 'admin.sock'))
      open.push(admin)
    }
    url = await listenTcp(tcp, settings)
    open.push(tcp)
  }
  return {
    name: 'api',
    start,
    async stop() {
      draining = true
      deps.health.drain()
      await drain(chain, ending, open.splice(0))
    },
    get url() {
      return url
    },
  }
}
