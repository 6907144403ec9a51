import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import {
  type ApiKeys,
  type AuditRecord,
  type Authenticator,
  type ContextFields,
  type EventBus,
  type HealthRegistry,
  type KeyRecord,
  type LogFields,
  type Logger,
  newId,
  noMetrics,
  type Policy,
  type RequestContext,
  systemClock,
} from '@covent/core'
import type { ApiDeps } from '../../src/index.ts'
import { memoryDevices, memorySecondFactors, memorySessions } from './memory-devices.ts'
import { memoryLimits } from './memory-limits.ts'
import { type MemoryRuntime, memoryRuntime } from './memory-runtime.ts'
import { memoryMonitor } from './memory-monitor.ts'
import { memoryRegistry } from './memory-registry.ts'
import { memoryTickets } from './memory-tickets.ts'
import { memorySecrets } from './memory-secrets.ts'
import { memoryStores } from './memory-stores.ts'

export interface Line extends LogFields {
  readonly level: string
  readonly msg: string
}

const memoryContext = (): RequestContext => {
  const storage = new AsyncLocalStorage<ContextFields>()
  return {
    run: (fields, work) => storage.run({ ...storage.getStore(), ...fields }, work),
    current: () => storage.getStore(),
  }
}

const memoryLogger = (context: RequestContext, lines: Line[]): Logger => {
  const write = (level: string) => (msg: string, fields?: LogFields) =>
    void lines.push({ level, msg, ...context.current(), ...fields })
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  }
  return logger
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const memoryKeys = (): ApiKeys & Authenticator => {
  const records = new Map<string, KeyRecord>()
  const live = (one: KeyRecord): boolean =>
    one.revokedAt === undefined && (one.expiresAt === undefined || one.expiresAt > Date.now())
  return {
    async create(request) {
      const id = newId('key', Date.now())
      const key = `cov_${id}`
      records.set(sha256(key), { id, hash: sha256(key), createdAt: Date.now(), ...request })
      return { id, key }
    },
    list: async () => [...records.values()].map(({ hash: _hash, ...rest }) => rest),
    async rotate(id) {
      const found = [...records.values()].find((one) => one.id === id && live(one))
      return found && this.create({ name: found.name, role: found.role })
    },
    async revoke(id) {
      const found = [...records.values()].find((one) => one.id === id && live(one))
      if (found !== undefined) records.set(found.hash, { ...found, revokedAt: Date.now() })
      return found !== undefined
    },
    async authenticate(credential) {
      const found = records.get(sha256(credential))
      if (found === undefined || !live(found)) return undefined
      const { id, role, scopes } = found
      return { id, kind: 'key', role, ...(scopes && { scopes }) }
    },
  }
}

const policy: Policy = {
  permits: ({ role, scopes }, scope) =>
    (role !== 'guest' || scope === 'models:read') &&
    (role !== 'user' || !/^(?:audit|devices|events|keys|health|plugins|secrets)/.test(scope)) &&
    (scopes === undefined || scopes.includes(scope)),
}

const memoryHealth = (): HealthRegistry => {
  let drained = false
  return {
    add: () => ({ [Symbol.dispose]: () => undefined }),
    report: async () => ({
      status: drained ? 'unready' : 'ok',
      checks: { database: { ok: true, detail: 'reads and writes' } },
    }),
    drain: () => void (drained = true),
  }
}

const record: AuditRecord = {
  seq: 7,
  at: 0,
  actor: { kind: 'plugin', id: 'acme.noter' },
  action: 'kv.set',
  outcome: 'allowed',
}

export interface MemoryDeps extends ApiDeps {
  readonly runtime: MemoryRuntime
  readonly lines: Line[]
  readonly emitted: { readonly type: string; readonly payload: unknown }[]
}

/** Everything that the surface stands on, in memory. */
export const memoryDeps = (): MemoryDeps => {
  const stores = memoryStores()
  const keys = memoryKeys()
  const context = memoryContext()
  const lines: Line[] = []
  const emitted: { type: string; payload: unknown }[] = []
  const events = { emit: (type: string, payload: unknown) => void emitted.push({ type, payload }) }
  return {
    runtime: memoryRuntime(stores),
    authenticator: keys,
    keys,
    devices: memoryDevices(),
    sessions: memorySessions(),
    secondFactors: memorySecondFactors(),
    tickets: memoryTickets(),
    policy,
    limits: memoryLimits(),
    stores,
    registry: memoryRegistry(),
    monitor: memoryMonitor(),
    routes: { find: () => undefined },
    secrets: memorySecrets(),
    rotation: { rotate: async () => ({ keyId: 'k2', rewrapped: 1 }) },
    audit: {
      record: async () => {},
      note() {},
      list: async (query) => ({ items: [record], nextCursor: JSON.stringify(query) }),
    },
    health: memoryHealth(),
    events: events as unknown as EventBus,
    context,
    logger: memoryLogger(context, lines),
    clock: systemClock,
    metrics: noMetrics,
    lines,
    emitted,
  }
}
