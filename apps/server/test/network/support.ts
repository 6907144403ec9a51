import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type EventMap, noAudit, noMetrics, silentLogger, systemClock } from '@covent/core'
import { type SqliteDatabase, sqliteDatabase } from '@covent/database'
import { guardedFetch } from '@covent/egress'
import { pluginHost, type PluginHostService } from '@covent/plugins'
import { isolationConfig, pluginsConfig } from '@covent/plugins/config'
import { temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'

export interface Elsewhere {
  readonly port: number
  readonly requests: readonly IncomingMessage[]
}

/** A server on loopback that stands for one somewhere else. */
export const elsewhere = async (answer: RequestListener): Promise<Elsewhere> => {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests }
}

interface Refusal {
  readonly code?: string
  readonly message?: string
}
export interface Networked {
  readonly host: PluginHostService
  readonly database: SqliteDatabase
  /** Payloads of `plugin.permission-denied`. */
  readonly denials: readonly EventMap['plugin.permission-denied'][]
  call(plugin: string, action: string, input?: unknown): Promise<unknown>
  refusal(plugin: string, action: string, input?: unknown): Promise<Refusal | undefined>
}

export interface NetworkOptions {
  readonly plugins?: object
  /** Source of a plugin of the server's own. */
  readonly bundled?: string
  /** Source of a plugin of somebody's. */
  readonly installed?: string
  readonly secrets?: Readonly<Record<string, string>>
  /** Addresses that names stand for; loopback when absent. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** Certificates (PEM) that are trusted. */
  readonly ca?: string
}

const bundle = (source: string | undefined) => {
  if (source === undefined) return []
  const path = join(temporaryFolder(), 'plugin.mjs')
  writeFileSync(path, source)
  return [{ name: 'bundled', url: pathToFileURL(path) }]
}

/** A host of plugins in real sandboxes with the real way out. */
export const networked = async (options: NetworkOptions): Promise<Networked> => {
  const home = temporaryFolder()
  if (options.installed !== undefined) {
    mkdirSync(join(home, 'plugins', 'installed'), { recursive: true })
    writeFileSync(join(home, 'plugins', 'installed', 'plugin.mjs'), options.installed)
  }
  const denials: EventMap['plugin.permission-denied'][] = []
  const egress = guardedFetch({
    clock: systemClock,
    resolve: options.resolve ?? (async () => ['127.0.0.1']),
    ...(options.ca !== undefined && { ca: options.ca }),
  })
  const database = sqliteDatabase({ path: join(home, 'covent.db') })
  await database.start()
  const host = pluginHost(
    {
      ...pluginsConfig.parse(options.plugins ?? {}),
      isolation: isolationConfig.parse({}),
      home,
      bundled: bundle(options.bundled),
    },
    {
      logger: silentLogger,
      events: {
        emit: (type, payload) => void (type === 'plugin.permission-denied' && denials.push(payload as never)),
        on: () => ({ [Symbol.dispose]() {} }),
      },
      stores: database.stores,
      clock: systemClock,
      metrics: noMetrics,
      audit: noAudit,
      health: { add: () => ({ [Symbol.dispose]() {} }) },
      wayOut: { egress, secrets: { get: async (name) => options.secrets?.[name] } },
    },
  )
  onTestFinished(async () => {
    await host.stop?.()
    await egress.stop?.()
    await database.stop()
  })
  await host.start?.()
  await host.settled()
  const call: Networked['call'] = (...[plugin, action, input = {}]) => {
    const context = { callId: 'call', turnId: 'turn', principalId: 'anna', character: 'default' }
    const invocation = { plugin, action, input, call: { ...context } }
    return host.invoke(invocation, { signal: new AbortController().signal })
  }
  const refusal: Networked['refusal'] = (...args) =>
    call(...args).then(
      () => undefined,
      (error: unknown) => error as Refusal,
    )
  return { host, database, denials, call, refusal }
}

export interface FetcherOptions {
  readonly required?: object
  readonly optional?: object
  readonly secrets?: object
  /** More of its manifest. */
  readonly more?: string
}

/** A plugin that requests whatever it is asked for, `http` or not. */
export const fetcher = ({
  required = {},
  optional = {},
  secrets = {},
  more = '',
}: FetcherOptions): string => `
import { definePlugin, z } from '@covent/plugin-sdk'
const action = (run) => ({ description: 'A test', effect: 'external', input: z.any(), output: z.any(), run })
export default definePlugin({
  id: 'acme.fetcher', version: '1.0.0', type: 'extension', description: 'Made for a test.', ${more}
  permissions: ${JSON.stringify({ required, optional })},
  secrets: ${JSON.stringify(secrets)},
  actions: {
    fetch: action(async ({ url, ...request }, ctx) => {
      const answer = await ctx.http.request(url, { method: 'GET', ...request })
      return { status: answer.status, headers: answer.headers, text: await answer.text() }
    }),
    code: action(async ({ url, ...request }, ctx) =>
      ctx.http.request(url, { method: 'GET', ...request }).then((r) => r.status, (error) => error.code)),
    resolve: action(async ({ name }, ctx) => ctx.dns.resolve(name)),
    facets: action(async (_, ctx) => ({ own: 'http' in ctx, optional: 'http' in ctx.optional })),
    // By hand, on the channel itself; it must be the second call.
    sneak: action(async ({ url }) => {
      const fs = process.getBuiltinModule('node:fs')
      const text = (value) => [0xd9, value.length, ...Buffer.from(value)]
      const params = [0x83, text('url'), text(url), text('method'), text('GET'), text('headers'), 0x80]
      const body = [0x85, text('kind'), text('request'), text('call'), 1, text('n'), 0, text('method'), text('http.fetch'), text('params'), params].flat(2)
      fs.writeSync(3, Buffer.from([0, 0, body.length >> 8, body.length & 255, ...body]))
      await new Promise((done) => setTimeout(done, 200))
    }),
  },
})`
